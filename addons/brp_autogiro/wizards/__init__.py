from . import brp_autogiro_change, brp_autogiro_change_number
