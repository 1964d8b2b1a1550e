from . import brp_slot
from . import brp_openactive_booking
from . import brp_openactive_dataset
