"""The mail server of the demo: it takes every letter, sends none on, and shows them on a page.

SMTP (RFC 5321) is aiosmtpd's. A letter (RFC 5322, MIME) is read leniently: it is shown, whatever its writer
took a header or an encoding to be.
"""

from .letter import Letter, Summary
from .service import Letterbox

__all__ = ["Letter", "Letterbox", "Summary"]
