from . import test_match
from . import test_payout
from . import test_hard
