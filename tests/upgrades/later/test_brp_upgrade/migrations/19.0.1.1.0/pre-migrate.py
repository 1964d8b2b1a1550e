"""The number of a bill is called its reference."""


def migrate(cr, version):
    # Before Odoo looks at the tables: it would make an empty column, and drop the old one with what is in it.
    cr.execute("ALTER TABLE test_brp_upgrade RENAME COLUMN number TO reference")
