from . import brp_connection_activate
from . import brp_connection_sign_in
