from . import brp_connection, brp_connection_calls, brp_exchange
