from . import test_day
