from . import (
    account_payment_register,
    brp_autogiro_change,
    brp_autogiro_change_number,
    brp_autogiro_mandate_file,
)
