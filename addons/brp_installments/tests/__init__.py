from . import test_credit, test_purchase, test_sell
