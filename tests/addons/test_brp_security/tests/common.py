"""What is ours, who there is, and a row of each of our models for a company: all found by looking."""

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

# Who is tried, and the one group that makes them who they are; whoever works here is an employee too.
# docs/security.md has a column for each.
PERSONAS = {
    "stranger": "base.group_public",
    "portal": "base.group_portal",
    "employee": "base.group_user",
    "till": "point_of_sale.group_pos_user",
    "till adm.": "point_of_sale.group_pos_manager",
    "sales": "sales_team.group_sale_salesman",
    "sales adm.": "sales_team.group_sale_manager",
    "bookings": "brp_marketplace.group_booking_user",
    "bookings adm.": "brp_marketplace.group_booking_manager",
    "invoicing": "account.group_account_invoice",
    "read-only acc.": "account.group_account_readonly",
    "acc. adm.": "account.group_account_manager",
    "integr.": "brp_connector.group_connector_user",
    "integr. adm.": "brp_connector.group_connector_manager",
    "autogiro": "brp_autogiro.group_autogiro_user",
    "bank acc.": "brp_autogiro.group_bank_account",
    "personal no.": "brp_personal_number.group_personal_number",
    "system": "base.group_system",
}
OUTSIDE = ("stranger", "portal")
MARK = "Zq7Planted"
# What a row needs to be let in by the checks of its table, where any value would not do.
VALUES = {
    "brp.block": {"stop": "2026-04-20 09:00:00"},
    "brp.facility": {"tz": "Europe/Stockholm"},
    "brp.slot": {"stop": "2026-04-20 09:00:00", "state": "open", "places": 2},
    "brp.slot.template": {"hour_to": 2.0},
}


class SecurityCommon(TransactionCase):
    """Two companies with a row of each of our models in each, and a user of each group in the first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.our_addons = set(
            cls.env["ir.module.module"]
            .search([("state", "=", "installed"), ("name", "=like", r"brp\_%")])
            .mapped("name")
        )
        cls.company = cls.make_company("Badhuset AB")
        cls.elsewhere = cls.make_company("Grannby Padel AB")
        cls.users = {
            persona: cls.make_user(f"security_{number}", cls.groups_of(persona), cls.company)
            for number, persona in enumerate(PERSONAS)
        }
        cls.inside = [group for persona, group in PERSONAS.items() if persona not in OUTSIDE]
        cls.everything = cls.make_user("security_everything", cls.inside, cls.company)
        cls.foreign = cls.make_user("security_foreign", cls.inside, cls.elsewhere)

    @classmethod
    def groups_of(cls, persona):
        """The external ids of the groups that `persona` is given."""
        return [PERSONAS[persona]] if persona in OUTSIDE else ["base.group_user", PERSONAS[persona]]

    @classmethod
    def make_company(cls, name):
        return cls.env["res.company"].create(
            {"name": name, "country_id": cls.env.ref("base.se").id, "currency_id": cls.env.ref("base.SEK").id}
        )

    @classmethod
    def make_user(cls, login, groups, company):
        """A user with exactly `groups`, who works in `company` alone."""
        return new_test_user(
            cls.env,
            login,
            groups=",".join(groups),
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def our_models(cls, transient=None):
        """The models that our addons define and that have rows, by name; only wizards or only others."""
        found = [
            model
            for model in cls.env.values()
            if model._original_module in cls.our_addons
            and not model._abstract
            and transient in (None, model._transient)
        ]
        return sorted(found, key=lambda model: model._name)


class Rows:
    """A row of each of our models for one company, put into the database past all flows.

    The models are found by looking, and so are their columns: what must have a value gets one, texts get a
    mark, and what points at another of our models points at that company's row of it.
    """

    def __init__(self, env, models, company, user):
        self.env = env(su=True)
        self.company = company
        self.user = user
        self.mark = f"{MARK}{company.id}"
        self.models = {model._name: model for model in models if model._auto}
        self.ids = {}
        for name in self.models:
            self._insert(name)
        for name in self.models:
            self._point_at_ours(name)
        self.env.invalidate_all()

    def __getitem__(self, name):
        return self.env[name].browse(self.ids[name])

    def _insert(self, name):
        if name in self.ids:
            return self.ids[name]
        logged = {"create_uid": self.user.id, "write_uid": self.user.id}
        values = logged if self.env[name]._log_access else {}
        for field in self._columns(name):
            value = self._value(name, field)
            if value is not None:
                values[field.name] = field.convert_to_column_insert(value, self.env[name])
        names = ", ".join(["id", *(f'"{column}"' for column in values)])
        places = ", ".join(["DEFAULT", *["%s"] * len(values)])
        self.env.cr.execute(
            f'INSERT INTO "{self.env[name]._table}" ({names}) VALUES ({places}) RETURNING id',
            list(values.values()),
        )
        self.ids[name] = self.env.cr.fetchone()[0]
        return self.ids[name]

    def _columns(self, name):
        return [
            field
            for field in self.env[name]._fields.values()
            if field.store and field.column_type and field.name not in ("id", "create_uid", "write_uid")
        ]

    def _value(self, name, field):
        """What a new row has in `field`, or None."""
        if field.name in VALUES.get(name, {}):
            return VALUES[name][field.name]
        if field.type == "many2one":
            if field.comodel_name == "res.company":
                return self.company.id
            if not self._must(name, field):
                return None
            if field.comodel_name in self.models:
                return self._insert(field.comodel_name)
            return self._of_odoo(field.comodel_name).id
        if field.type in ("char", "text", "html") and not field.related:
            return f"{self.mark} {name} {field.name}" if field.size is None else self.mark[: field.size]
        if field.type == "selection":
            return field.get_values(self.env)[0] if self._must(name, field) else None
        if field.type == "many2one_reference":
            return self.company.id if self._must(name, field) else None
        if not self._must(name, field):
            return None
        return {
            "boolean": False, "integer": 1, "float": 1.0, "monetary": 1.0, "date": "2026-04-20",
            "datetime": "2026-04-20 08:00:00", "json": {}, "binary": b"", "reference": None,
        }[field.type]  # fmt: skip

    def _must(self, name, field):
        self.env.cr.execute(
            "SELECT is_nullable = 'NO' FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s AND column_name = %s",
            [self.env[name]._table, field.name],
        )
        return (self.env.cr.fetchone() or [False])[0]

    def _of_odoo(self, name):
        """A record of one of Odoo's models: of the company if there is one, or else anyone's."""
        model = self.env[name].with_context(active_test=False)
        own = [("company_id", "=", self.company.id)] if "company_id" in model._fields else []
        return model.search(own, limit=1) or self._make_of_odoo(name)

    def _make_of_odoo(self, name):
        values = {
            "account.journal": lambda: {"name": "Journal", "code": "ZQ7", "type": "general"},
            "account.account": lambda: {"name": "Account", "code": "ZQ7000", "account_type": "asset_current"},
            "account.analytic.account": lambda: {
                "name": "Project",
                "company_id": self.company.id,
                "plan_id": self._of_odoo("account.analytic.plan").id,
            },
            "account.move": lambda: {"move_type": "entry", "journal_id": self._of_odoo("account.journal").id},
            "sale.order": lambda: {"partner_id": self.company.partner_id.id, "company_id": self.company.id},
        }.get(name)  # fmt: skip
        if values is None:
            return self.env[name].search([], limit=1)
        return self.env[name].with_company(self.company).create(values())

    def _point_at_ours(self, name):
        for field in self._columns(name):
            if field.type == "many2one" and field.comodel_name in self.ids and field.comodel_name != name:
                self.env.cr.execute(
                    f'UPDATE "{self.env[name]._table}" SET "{field.name}" = %s'
                    f' WHERE id = %s AND "{field.name}" IS NULL',
                    [self.ids[field.comodel_name], self.ids[name]],
                )
