from . import test_gift_card
