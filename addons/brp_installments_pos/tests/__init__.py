from . import test_js
from . import test_sell
from . import test_tour
