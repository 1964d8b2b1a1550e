from . import test_full
from . import test_hard
