from . import brp_exchange
