"""What `./dev` does. Standard library only: it runs before there is a virtual environment.

`commands` reads the command line; `odoo_tree`, `environment` and `postgres` provide Odoo, its Python packages
and a database server; `databases` builds databases on them; `demo`, `testing`, `lint`, `translations` and
`bench` are the commands themselves. `console`, `workspace`, `system` and `addons` are what they all use.
"""
