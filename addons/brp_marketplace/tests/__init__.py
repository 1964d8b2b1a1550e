from . import test_channel
from . import test_desk
from . import test_places
from . import test_rights
from . import test_slots
from . import test_boka_book
from . import test_boka_choose
from . import test_boka_pay
