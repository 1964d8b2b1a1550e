from . import test_vouchers
