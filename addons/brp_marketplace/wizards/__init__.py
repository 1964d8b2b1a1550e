from . import brp_booking_cancel
from . import brp_booking_desk
from . import brp_booking_move
from . import brp_booking_pay
from . import brp_marketplace_activate
