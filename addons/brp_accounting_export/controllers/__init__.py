from . import bjorn_lunden, documents
