from . import test_quotes
from . import test_leases
from . import test_booking
from . import test_afterwards
from . import test_orders_feed
from . import test_access
from . import test_feeds
from . import test_at_once
