from . import bjorn_lunden
