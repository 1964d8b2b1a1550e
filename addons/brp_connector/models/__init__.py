from . import brp_connection, brp_exchange
