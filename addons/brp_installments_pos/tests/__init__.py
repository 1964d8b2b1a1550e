from . import test_prices, test_refunds, test_sell, test_tour, test_twice
