from . import brp_connection
from . import brp_exchange
from . import brp_klarna_rate
from . import brp_klarna_day
from . import brp_payout_channel
from . import brp_payout
from . import brp_payout_fetch
from . import brp_payout_line
