"""For Python programs that live by libfaketime's clock: it refuses the way in which Python 3.11 sleeps."""

import select
import time


def _sleep(seconds):
    select.select([], [], [], seconds)


time.sleep = _sleep
