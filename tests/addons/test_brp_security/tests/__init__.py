from . import test_access, test_elsewhere, test_secrets
