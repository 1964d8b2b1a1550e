from . import (
    test_at_once,
    test_banner,
    test_calls,
    test_cards,
    test_exchange,
    test_problem,
    test_processes,
    test_queries,
    test_rights,
    test_together,
)
