"""24SevenOffice's SOAP services: messages, errors and calls. Knows nothing of Odoo."""

from .envelope import Fault, read, read_fault, write
from .problems import AnswerError, MessageError, RequestError
from .schema import OPERATIONS
