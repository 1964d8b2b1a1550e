"""What our flows cost beside what Odoo itself costs for the same work: `./dev bench`.

Each file bench/flows/NAME.py holds a class `Flow`:

    class Flow:
        title = "Sell in 12 installments"   # what is measured
        sizes = (10, 200)                   # how many cases; two show whether queries per document grow

        def setup(self, env):               # optional; once, committed: accounts, journals, products
        def prepare(self, env, n):          # before each measurement, not measured; returns data for n cases
        def ours(self, env, data):          # measured; returns the number of documents that it made
        def core(self, env, data):          # measured; the same documents by Odoo's own batched calls
        def check(self, env, data):         # optional; after ours, not measured: raises when it is wrong, and
                                            # returns {part: {"seconds", "queries"} or a number} to be shown
        def check_core(self, env, data):    # optional; likewise after core

`env` is the administrator's. Both sides run in the same process on the same throw-away database, each time
in a transaction of its own that starts from `setup` and is rolled back (`commit` only flushes), in turns,
with Odoo's record cache emptied and Python's garbage collected before and held off during the measurement.
The best of up to five rounds counts, fewer where a round takes minutes. What is left to compute or to
write at the end is part of the time.
"""
