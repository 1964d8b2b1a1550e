"""What the command `brp` does on a server in use. Python's standard library and psycopg2, which Odoo brings.

`command` reads the command line; `settings` says where things are; `database` talks to PostgreSQL;
`serve`, `first`, `backup`, `restore`, `upgrade` and `health` are the commands; `sets` is what a backup
consists of.
"""
