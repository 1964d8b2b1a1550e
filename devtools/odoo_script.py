"""Odoo's command line as a file: with several processes it starts one more of itself by its file's path."""

import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
