from . import test_autogiro, test_company, test_history, test_klarna
