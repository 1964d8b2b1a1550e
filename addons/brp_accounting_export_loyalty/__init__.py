from . import models


def post_init_hook(env):
    """Have the gift cards and eWallets that there are booked as what they are."""
    programs = env["loyalty.program"].with_context(active_test=False).search([])
    programs._book_as_payments()
