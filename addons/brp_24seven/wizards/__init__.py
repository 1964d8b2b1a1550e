from . import account_payment_register
from . import brp_24seven_activate
from . import brp_24seven_choose
