from . import test_connect
from . import test_send
from . import test_tour
