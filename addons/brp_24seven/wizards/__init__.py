from . import brp_24seven_activate
from . import brp_24seven_choose
