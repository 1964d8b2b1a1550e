from . import test_connect
from . import test_customers
from . import test_once
from . import test_send
from . import test_tour
