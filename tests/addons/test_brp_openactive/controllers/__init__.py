from . import test_interface
