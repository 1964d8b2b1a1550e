"""Plays the past months of Autogiro in the demo database: python -m devtools.bank_history DATABASE

Run inside the virtual environment by `./dev demo`. Odoo's clock is set to each day in turn, and between
the days Bankgirot's simulator, a process of its own, takes the files and writes the reports.
"""

import json
import subprocess
import sys
from datetime import datetime, timezone

from freezegun import freeze_time

import odoo
from odoo import api, fields
from odoo.modules.registry import Registry

from .bank import ANSWERS, FOLDER, OPTIONS, SIMULATOR
from .ground import CONFIG


def main(database):
    odoo.tools.config.parse_config(["-c", str(CONFIG), "-d", database, "--no-http"], setup_logging=True)
    from odoo.addons.brp_demo import autogiro  # Odoo's path of addons is known only now
    from odoo.addons.brp_demo.company import TIME_ZONE

    (FOLDER / "out").mkdir(parents=True)
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        ANSWERS.write_text(json.dumps(autogiro.get_answers(env), indent=2) + "\n", encoding="utf-8")
        today = fields.Date.context_today(env.user.with_context(tz=TIME_ZONE))
        with freeze_time(now) as clock:
            autogiro.play_autogiro(env, today, lambda moment: clock.move_to(min(moment, now)), answer)
        connect(env)


def answer(name, data, until):
    """Give the simulator a file, have it play on, and return the reports that it has written since."""
    (FOLDER / "out" / name).write_bytes(data)
    once = [sys.executable, str(SIMULATOR), "once", *map(str, OPTIONS), "--until", str(until)]
    subprocess.run(once, check=True)
    arrived = [path for path in (FOLDER / "in").iterdir() if path.is_file()]
    done = FOLDER / "in" / "done"  # where Odoo puts what it has read
    done.mkdir(exist_ok=True)
    # The names end in date and time.
    arrived.sort(key=lambda path: path.name.split(".")[-2:])
    return [(path.name, path.rename(done / path.name).read_bytes()) for path in arrived]


def connect(env):
    """Let Odoo leave files where the simulator takes them, and look for reports every minute."""
    env["ir.config_parameter"].set_param("brp_autogiro.directory", str(FOLDER))
    env.ref("brp_autogiro.ir_cron_run").write({"interval_number": 1, "interval_type": "minutes"})


if __name__ == "__main__":
    main(sys.argv[1])
