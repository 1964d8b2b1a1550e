"""What every simulator needs besides its service's own rules: HTTP, ordered faults, files, a program, a page.

Nothing here knows any service. The README of the folder above tells how a simulator is put together.
"""

from .faults import Fault
from .files import add_lines, read_lines, write_whole
from .http import Answer, Gone, Handler, Server, Wrong, binding, parse_json, understood
from .service import Service, ServiceHandler

__all__ = [
    "Answer",
    "Fault",
    "Gone",
    "Handler",
    "Server",
    "Service",
    "ServiceHandler",
    "Wrong",
    "add_lines",
    "binding",
    "parse_json",
    "read_lines",
    "understood",
    "write_whole",
]
