from . import test_full
