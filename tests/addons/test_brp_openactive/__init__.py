from . import controllers, models
from .hall import build_hall
from .test_mode import refuse_in_a_business
