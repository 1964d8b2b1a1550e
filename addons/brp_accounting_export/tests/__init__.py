from . import test_close, test_left_out, test_day_report
from . import test_bjorn_lunden
from . import test_sie
from . import test_documents
from . import test_tour
from . import test_sequences
