"""Write the terms of addons, one file each, in one process of Odoo: starting it costs more than the terms.

python -m devtools.odoo_terms CONFIG DATABASE FOLDER ADDON…
"""

import sys
from pathlib import Path

from odoo import api
from odoo.modules.registry import Registry
from odoo.tools import config
from odoo.tools.translate import trans_export


def main(config_file, database, folder, *addons):
    config.parse_config(["-c", config_file, "-d", database, "--no-http"], setup_logging=True)
    with Registry(database).cursor(readonly=True) as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        for addon in addons:
            with (Path(folder) / f"{addon}.pot").open("wb") as file:
                trans_export(None, [addon], file, "po", env)


if __name__ == "__main__":
    main(*sys.argv[1:])
