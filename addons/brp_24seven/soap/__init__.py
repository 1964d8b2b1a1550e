"""24SevenOffice's SOAP services: messages, errors and calls. Knows nothing of Odoo."""

from .client import (
    CATEGORY_PROPERTIES,
    COMPANY_PROPERTIES,
    INVOICE_PROPERTIES,
    LIVE,
    PRODUCT_PROPERTIES,
    SECRET_NAMES,
    Saved,
    SevenOffice,
    has_session,
    identities,
    log_in,
    search_text,
)
from .envelope import Fault, read, read_fault, write
from .errors import TURNED_AWAY, FaultError, ItemError, LoginError, explain, quarantine
from .problems import AnswerError, MessageError, RequestError
from .schema import OPERATIONS
