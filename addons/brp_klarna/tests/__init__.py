from . import test_activate
from . import test_full
from . import test_hard
from . import test_killed
from . import test_payout_only
from . import test_tour
