from . import test_personal_number
