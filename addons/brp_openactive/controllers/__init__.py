from . import dispatcher
from . import dataset
from . import booking
from . import feeds
