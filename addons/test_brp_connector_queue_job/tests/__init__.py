from . import test_jobs, test_same_by_jobs, test_servers
