from . import test_paid_in_till
