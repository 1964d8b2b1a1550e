"""What our own steps may do that would break a purchase when done by hand.

A context key alone can be sent by any client; this object cannot.
"""

_PERMITTED = object()


def permitted(records):
    """Return ``records`` in a context in which purchases may be made and changed."""
    return records.with_context(installment_permission=_PERMITTED)


def is_permitted(env):
    """Say whether the current step is one of ours."""
    return env.context.get("installment_permission") is _PERMITTED
