from . import test_find
from . import test_hold
from . import test_move
from . import test_refund
from . import test_rights
from . import test_sale
from . import test_tour
