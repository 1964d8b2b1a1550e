from . import brp_payout_channel
from . import brp_payout_mapping
from . import brp_payout_column
from . import brp_payout
from . import brp_payout_match
from . import brp_payout_line
from . import brp_payout_total
from . import account_move
