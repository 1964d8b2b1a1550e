from . import test_at_bank, test_sell, test_tour
