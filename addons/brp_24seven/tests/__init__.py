from . import test_at_once
from . import test_connect
from . import test_customers
from . import test_errors
from . import test_once
from . import test_screens
from . import test_send
from . import test_status
