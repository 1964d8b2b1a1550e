"""The part of `./dev matrix` that is done in Odoo, each in a process of its own, and committed:

    python -m devtools.matrix_odoo CONFIG DATABASE NOTES ready NEED…
    python -m devtools.matrix_odoo CONFIG DATABASE NOTES use ADDON…
    python -m devtools.matrix_odoo CONFIG DATABASE NOTES after ADDON…

`ready` installs what the addons need of Odoo. `use` notes what is there, installs the addons, opens the
views and compiles the scripts and styles of what they change, upgrades and uninstalls them. `after` is Odoo's
next start: the views, the scripts and styles again, the addons installed once more, and when all addons of
ours are uninstalled, what they have left behind.

NOTES is a JSON file: what each has to tell the next, and under "steps" what was found. Each step begins with
a line "MATRIX step" in the log.
"""

import json
import sys
import time
from pathlib import Path

import odoo
from odoo import api
from odoo.modules.registry import Registry

from .addons import all_addons

# Rows that come and go with the work of Odoo itself.
WORK = {
    "bus_bus",
    "ir_attachment",
    "ir_cron_progress",
    "ir_cron_trigger",
    "ir_logging",
    "ir_module_module",
    "ir_module_module_dependency",
    "ir_profile",
    "orm_signaling_assets",
    "orm_signaling_default",
    "orm_signaling_groups",
    "orm_signaling_registry",
    "orm_signaling_routing",
    "orm_signaling_stable",
    "orm_signaling_templates",
    "res_device_log",
    "res_users_log",
}
# Of these tables, the rows that count. Of a model of ours that inherits one of Odoo's, Odoo keeps the names
# that its own addons have given to the choices of fields and to the inheritance.
COUNTED = {
    "ir_model_data": "module LIKE '%brp%' OR model NOT IN ('ir.model.fields.selection', 'ir.model.inherit')"
}
# Columns that name a model, in whatever table.
MODEL_COLUMNS = ("model", "res_model", "model_name", "relation", "related_model")
# What an addon of ours may have changed even where it has not said so by extending a model.
ALWAYS_OPENED = (
    "account.move",
    "pos.config",
    "product.template",
    "res.config.settings",
    "res.partner",
    "sale.order",
)
BUNDLES = ("web.assets_backend", "web.assets_frontend", "point_of_sale._assets_pos")
VIEW_TYPES = ("activity", "calendar", "form", "graph", "kanban", "list", "pivot", "search")


class Notes:
    """What is known of one database, kept in a file after each step."""

    def __init__(self, path):
        self.path = Path(path)
        self.values = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}

    def step(self, name, do, *arguments):
        """Do a step; note its seconds and what it found, an exception among that. Returns whether it went."""
        print(f"MATRIX {name}", flush=True)
        begun = time.monotonic()
        try:
            found, went = list(do(*arguments) or ()), True
        except Exception as error:
            odoo.modules.registry._logger.info("The step failed", exc_info=True)
            found, went = [f"{type(error).__name__}: {' '.join(str(error).split())[:400]}"], False
        step = {"name": name, "seconds": time.monotonic() - begun, "found": found}
        self.values.setdefault("steps", []).append(step)
        self.path.write_text(json.dumps(self.values), encoding="utf-8")
        return went


class Database:
    def __init__(self, name):
        self.name = name

    def cursor(self):
        return Registry(self.name).cursor()

    # -- installing ------------------------------------------------------------------------------

    def install(self, names):
        """Install the addons called `names` as `-i` does."""
        Registry.new(self.name, update_module=True, install_modules=names)
        yield from self._not_in_state(names, "installed")

    def come(self, names):
        """Install the addons called `names`; one alone that installs itself comes with its last side."""
        addons = [all_addons()[name] for name in names]
        if len(addons) > 1 or not addons[0].manifest.get("auto_install"):
            yield from self.install(names)
            return
        for side in (name for name in addons[0].depends if name in all_addons()):
            if self._in_state(names, "installed"):
                yield f"{names[0]} came before {side}"
            yield from self.install([side])
        yield from self._not_in_state(names, "installed")

    def upgrade(self, names):
        Registry.new(self.name, update_module=True, upgrade_modules=names)
        yield from self._not_in_state(names, "installed")

    def uninstall(self, names):
        """Uninstall by the button, each of the addons with what depends on it."""
        self._press("button_immediate_uninstall", names, "installed")
        yield from self._not_in_state(names, "uninstalled")

    def uninstall_all(self):
        yield from self.uninstall(self._in_state(all_addons(), "installed"))

    def install_again(self, names):
        self._press("button_immediate_install", names, "uninstalled")
        yield from self._not_in_state(names, "installed")

    def _press(self, button, names, state):
        for name in names:
            with self.cursor() as cr:
                module = _modules(cr, [name])
                if module.state == state:  # it may have come or gone with another
                    getattr(module, button)()

    def _not_in_state(self, names, state):
        there = self._in_state(names, state)
        return [f"{name} is not {state}" for name in names if name not in there]

    def _in_state(self, names, state):
        with self.cursor() as cr:
            return [module.name for module in _modules(cr, names) if module.state == state]

    # -- using -----------------------------------------------------------------------------------

    def models_of(self, names):
        """The models that the addons called `names` make or extend."""
        with self.cursor() as cr:
            cr.execute(
                """
                SELECT DISTINCT model.model FROM ir_model model JOIN ir_model_fields field
                    ON field.model_id = model.id JOIN ir_model_data data
                    ON data.model = 'ir.model.fields' AND data.res_id = field.id
                WHERE data.module = ANY(%s)
                """,
                [list(names)],
            )
            return sorted({name for (name,) in cr.fetchall()} | set(ALWAYS_OPENED))

    def open_views(self, models):
        """Open each view of `models`, as the web client does, and each without a name of its own."""
        with self.cursor() as cr:
            env = _environment(cr)
            for name in models:
                if name not in env or env[name]._abstract:
                    continue
                views = env["ir.ui.view"].search(
                    [("model", "=", name), ("mode", "=", "primary"), ("type", "in", VIEW_TYPES)]
                )
                for view in views:
                    try:
                        env[name].get_views([(view.id, view.type)], {"toolbar": True})
                    except Exception as error:
                        cr.rollback()
                        yield f"view {view.xml_id or view.name}: {' '.join(str(error).split())[:300]}"

    def open_menus(self):
        """Load the menus, and the window that each opens."""
        with self.cursor() as cr:
            env = _environment(cr)
            env["ir.ui.menu"].load_menus(False)
            for menu in env["ir.ui.menu"].search([("action", "!=", False)]):
                if not menu.action.exists():
                    yield f"menu {menu.complete_name} opens nothing"
                elif menu.action._name == "ir.actions.act_window" and menu.action.res_model not in env:
                    yield f"menu {menu.complete_name} opens {menu.action.res_model}, which is not there"

    def compile_assets(self):
        with self.cursor() as cr:
            env = _environment(cr)
            for name in BUNDLES:
                bundle = env["ir.qweb"]._get_asset_bundle(name, debug_assets=False)
                if not bundle.files:
                    continue
                bundle.js()
                bundle.css()
                yield from (f"{name}: {error}" for error in bundle.css_errors)
            cr.rollback()

    # -- what is there ---------------------------------------------------------------------------

    def contents(self):
        """All rows by table, and what the tables are made of."""
        with self.cursor() as cr:
            cr.execute(
                """
                SELECT table_name FROM information_schema.columns JOIN information_schema.tables
                    USING (table_schema, table_name)
                WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND column_name = 'id'
                """
            )
            tables = sorted(name for (name,) in cr.fetchall() if name not in WORK)
            rows = {}
            for table in tables:
                cr.execute(f'SELECT id FROM "{table}" WHERE {COUNTED.get(table, "true")}')
                rows[table] = sorted(number for (number,) in cr.fetchall())
            cr.execute(SCHEMA)
            return {"rows": rows, "schema": sorted(name for (name,) in cr.fetchall())}

    def left_behind(self, before):
        """What is there that was not, and what is not there that was."""
        now = self.contents()
        with self.cursor() as cr:
            for table, numbers in now["rows"].items():
                new = set(numbers) - set(before["rows"].get(table, ()))
                if new:
                    yield f"{table}: {len(new)} more, {_described(cr, table, new)}"
            for table, numbers in before["rows"].items():
                gone = set(numbers) - set(now["rows"].get(table, ()))
                if gone:
                    yield f"{table}: {len(gone)} of Odoo's are gone"
        yield from (f"{name} is left" for name in sorted(set(now["schema"]) - set(before["schema"])))
        yield from (f"{name} is gone" for name in sorted(set(before["schema"]) - set(now["schema"])))

    def dangling(self):
        """Rows that name a model that is not there."""
        with self.cursor() as cr:
            cr.execute(
                """
                SELECT table_name, column_name FROM information_schema.columns
                    JOIN information_schema.tables USING (table_schema, table_name)
                WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND column_name = ANY(%s)
                    AND data_type = 'character varying'
                """,
                [list(MODEL_COLUMNS)],
            )
            for table, column in cr.fetchall():
                cr.execute(
                    f'SELECT "{column}", count(*) FROM "{table}" WHERE "{column}" LIKE \'%.%\''
                    f' AND "{column}" NOT IN (SELECT model FROM ir_model) GROUP BY 1'
                )
                for name, number in cr.fetchall():
                    yield f"{table}.{column}: {number} of {name}, which is not there"


SCHEMA = """
    SELECT 'column ' || table_name || '.' || column_name FROM information_schema.columns
        WHERE table_schema = 'public'
    UNION ALL SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint ' || conrelid::regclass || '.' || conname FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname = 'public'
    UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
"""


def _described(cr, table, numbers):
    cr.execute(f'SELECT to_jsonb(t) FROM "{table}" t WHERE id = ANY(%s) ORDER BY id LIMIT 4', [list(numbers)])
    names = ("module", "key", "xmlid", "code", "login", "name", "model", "res_model")
    return "; ".join(
        str([row[name] for name in names if row.get(name)] or row["id"]) for (row,) in cr.fetchall()
    )


def _environment(cr):
    return api.Environment(cr, api.SUPERUSER_ID, {})


def _modules(cr, names):
    return _environment(cr)["ir.module.module"].search([("name", "in", list(names))])


def ready(notes, database, *needs):
    notes.step("ready", database.install, needs)


def use(notes, database, *names):
    notes.values["before"] = database.contents()
    if not notes.step("install", database.come, names):
        return
    models = notes.values["models"] = database.models_of(names)
    notes.step("views", database.open_views, models)
    notes.step("menus", database.open_menus)
    notes.step("assets", database.compile_assets)
    notes.step("upgrade", database.upgrade, names)
    notes.step("uninstall", database.uninstall, names)


def after(notes, database, *names):
    notes.step("start", lambda: Registry(database.name) and ())
    notes.step("dangling", database.dangling)
    notes.step("views without", database.open_views, notes.values["models"])
    notes.step("menus without", database.open_menus)
    notes.step("assets without", database.compile_assets)
    notes.step("install again", database.install_again, names)
    notes.step("uninstall all", database.uninstall_all)
    notes.step("left behind", database.left_behind, notes.values["before"])
    notes.step("dangling at last", database.dangling)


def main(config, database, notes, what, *names):
    odoo.tools.config.parse_config(["-c", config, "-d", database, "--no-http"], setup_logging=True)
    WORKS[what](Notes(notes), Database(database), *names)


WORKS = {"ready": ready, "use": use, "after": after}

if __name__ == "__main__":
    main(*sys.argv[1:])
