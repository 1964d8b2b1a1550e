from . import boka
from . import portal
