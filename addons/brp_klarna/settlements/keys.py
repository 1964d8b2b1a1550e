"""What tells one row of a payout from all others: the service gives rows no number of their own."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from zlib import crc32

from .records import Transaction


class Keys:
    """The keys of the rows of one payout, each row being asked for once.

    A key is merchant, payout, type, detailed type, the id of the capture, the refund or the order, and what
    tells rows apart that have all that in common, as two partial returns of one order or two fees of one
    capture: a sum of their amounts, moments and dispute, and after it, for rows that are equal in this as
    well, a running number from 2. So a row has the same key in whatever order rows and pages come, and
    rows that are interchangeable have the same keys between them.

    Whether amounts are told with signs makes no difference. What is held is one number per row.
    """

    def __init__(self, merchant: str, reference: str):
        self._payout = f"{merchant}:{reference}:"
        self._seen: dict[int, int] = {}

    def key(self, row: Transaction) -> str:
        """Return the key of a row, no other of the payout has the same."""
        vat = row.vat_amount
        rest = (
            f"{abs(row.amount)} {abs(vat) if vat else ''} {_stamp(row.sold_at)} {_stamp(row.captured_at)}"
            f" {row.reversal_reference or ''}"
        )
        id_ = row.capture_id or row.refund_id or row.order_id or ""
        key = f"{self._payout}{row.type}:{row.detailed_type or ''}:{id_}:{crc32(rest.encode()):08x}"
        short = hash(key)
        number = self._seen.get(short, 0) + 1
        self._seen[short] = number
        return key if number == 1 else f"{key}:{number}"

    def keys(self, rows: Iterable[Transaction]) -> list[str]:
        """Return the keys of rows, in their order."""
        return [self.key(row) for row in rows]


@lru_cache(maxsize=4096)  # the rows of one order have the same
def _stamp(moment: datetime | None) -> str:
    return str(moment.timestamp()) if moment else ""
