"""The state of a bill follows from whether it was paid."""


def migrate(cr, version):
    # All have got the default; the column of before is there until the upgrade ends.
    cr.execute("UPDATE test_brp_upgrade SET state = 'paid' WHERE is_paid")
