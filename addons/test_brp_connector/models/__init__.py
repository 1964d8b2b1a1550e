from . import brp_connection, brp_exchange, brp_faulty_thing
