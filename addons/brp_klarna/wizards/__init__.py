from . import brp_klarna_activate
