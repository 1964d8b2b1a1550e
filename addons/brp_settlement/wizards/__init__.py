from . import brp_payout_import
from . import brp_payout_import_column
from . import brp_payout_import_payout
