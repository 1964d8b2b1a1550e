"""The one place from which connectors send HTTP to outside services. Knows nothing of Odoo."""

from .errors import Explanation, ServiceError
from .http import TOTAL_TIMEOUT, Answer, Service, Trace
from .masking import Mask
from .waiting import next_delay, read_retry_after

__all__ = [
    "TOTAL_TIMEOUT",
    "Answer",
    "Explanation",
    "Mask",
    "Service",
    "ServiceError",
    "Trace",
    "next_delay",
    "read_retry_after",
]
