from . import test_sell, test_tour
