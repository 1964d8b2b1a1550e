from . import (
    test_automatic,
    test_batch,
    test_invoice,
    test_killed,
    test_mandate,
    test_month,
    test_report,
    test_rights,
    test_rows,
)
