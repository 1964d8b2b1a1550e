from . import test_channel
from . import test_desk
from . import test_places
from . import test_rights
from . import test_slots
