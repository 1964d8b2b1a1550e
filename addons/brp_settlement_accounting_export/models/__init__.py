from . import brp_connection
