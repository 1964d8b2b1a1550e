from . import test_day, test_numbers
