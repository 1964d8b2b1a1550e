from . import (
    test_autogiro,
    test_company,
    test_history,
    test_klarna,
    test_klarna_export,
    test_rent,
    test_till_day,
)
