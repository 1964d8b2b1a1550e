from . import (
    brp_accounting_activate,
    brp_accounting_activate_bjorn_lunden,
    brp_accounting_export_anew,
    brp_accounting_export_now,
    brp_accounting_late,
)
from . import brp_accounting_sie_export
