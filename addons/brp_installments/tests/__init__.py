from . import test_concurrency, test_credit, test_portal, test_purchase, test_sell, test_tour
