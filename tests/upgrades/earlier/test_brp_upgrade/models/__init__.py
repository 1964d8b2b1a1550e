from . import test_brp_upgrade
