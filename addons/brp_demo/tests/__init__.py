from . import test_company, test_history
