from . import (
    test_at_once,
    test_closing,
    test_js,
    test_prices,
    test_refunds,
    test_rights,
    test_sell,
    test_settings,
    test_tour,
    test_twice,
)
