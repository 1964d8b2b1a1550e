#!/bin/bash
# Run once, when the cluster is new: the role that Odoo works as. It may make databases, and nothing else;
# PostgreSQL's own administrator (POSTGRES_USER) is not for Odoo.
set -euo pipefail

psql -v ON_ERROR_STOP=1 --quiet --no-psqlrc --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set password `cat "$ODOO_PASSWORD_FILE"`
CREATE ROLE odoo LOGIN CREATEDB PASSWORD :'password';
SQL
