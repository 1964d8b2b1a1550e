from . import test_accounts
from . import test_import
from . import test_match
from . import test_payout
from . import test_hard
