from . import test_month
