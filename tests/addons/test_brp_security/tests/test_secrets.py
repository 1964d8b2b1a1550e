"""What is secret is found nowhere else: not by others, not in a duplicate, not in a copy of the database."""

import base64
import json
import re
from functools import partial

from odoo.exceptions import AccessError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import Rows, SecurityCommon

SYSTEM = "base.group_system"
NUMBERS = "brp_personal_number.group_personal_number"
ACCOUNTS = "brp_autogiro.group_bank_account"
SECRET_GROUPS = {SYSTEM, NUMBERS, ACCOUNTS}
# What dialogs hold for a moment, as their fields are called; they have no group, being their opener's alone.
TYPED_IN = {"password", "token", "application", "user", "client_secret", "key"}
# Made up, in the series that the tax agency keeps for tests.
PERSONAL_NUMBERS = ("199001019802", "197501019801", "195807129878", "199001029817")
BANK_ACCOUNT = "6000483726159"


@tagged("post_install", "-at_install")
class TestSecrets(SecurityCommon):
    """Every field that only system administrators or the two privacy groups read gets a known value."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = cls.our_models()
        cls.rows = Rows(cls.env, cls.models, cls.company, cls.everything)
        cls.customer = cls.env["res.partner"].create(
            {"name": "Anna Andersson", "company_id": cls.company.id, "email": "anna@example.com"}
        )
        cls.records = [cls.rows[name] for name in cls.rows.ids]
        cls.records += [cls.customer, cls.company.sudo(), *cls._documents()]
        cls.planted = {}
        for record in cls.records:
            for field in cls._secret_fields(record):
                cls.planted[record._name, field.name] = cls._plant(record, field)
        cls.env.invalidate_all()

    @classmethod
    def _documents(cls):
        """An order and a draft invoice of the customer."""
        own = cls.env(context={"allowed_company_ids": cls.company.ids})
        journal = own["account.journal"].create(
            {"name": "Sales", "code": "ZQS", "type": "sale", "company_id": cls.company.id}
        )
        return [
            own["sale.order"].create({"partner_id": cls.customer.id}),
            own["account.move"].create(
                {"move_type": "out_invoice", "partner_id": cls.customer.id, "journal_id": journal.id}
            ),
        ]

    @classmethod
    def _secret_fields(cls, record):
        """The stored fields of ours on `record` that only the groups of secrets read."""
        return [
            field
            for field in record._fields.values()
            if field.groups
            and set(field.groups.split(",")) <= SECRET_GROUPS
            and field.store
            and not field.related
            and field._modules[0] in cls.our_addons
            and field.type in ("char", "text", "json", "binary")
        ]

    @classmethod
    def _plant(cls, record, field):
        """Put a value into `field` of `record` that is nowhere else, and return it."""
        secret = f"Hemlig{len(cls.planted):03}x{field.name.replace('_', '')}"
        if field.groups == NUMBERS:
            taken = len({one for one in cls.planted.values() if one in PERSONAL_NUMBERS})
            secret = PERSONAL_NUMBERS[taken % len(PERSONAL_NUMBERS)]
        elif field.groups == ACCOUNTS and field.type == "char":
            secret = BANK_ACCOUNT
        if field.type == "binary":
            record.sudo()[field.name] = base64.b64encode(secret.encode())
        else:
            value = json.dumps({"of": secret}) if field.type == "json" else secret
            cls.env.cr.execute(
                f'UPDATE "{record._table}" SET "{field.name}" = %s WHERE id = %s', [value, record.id]
            )
        return secret

    def _look_for(self, told, where, fields=None):
        """Fail when `told` has a planted value, in any way of writing it."""
        plain = re.sub(r"[\s\-+.]", "", told)
        for key, secret in self.planted.items():
            if fields is not None and key not in fields:
                continue
            forms = {secret, base64.b64encode(secret.encode()).decode()}
            if secret in PERSONAL_NUMBERS:
                forms = {secret, secret[2:]}
            elif secret == BANK_ACCOUNT:
                forms = {secret, secret[4:]}
            for form in forms:
                self.assertFalse(form in plain, f"{'.'.join(key)} is told by {where}")

    def test_something_is_planted(self):
        """The fields that everybody would think of are among those found by looking."""
        expected = {
            ("brp.connection", "klarna_password"), ("brp.connection", "seven_password"),
            ("brp.connection", "bjorn_lunden_key"), ("brp.connection", "marketplace_token_hash"),
            ("brp.autogiro.mandate", "account_number"), ("brp.autogiro.mandate", "payer_number"),
            ("brp.autogiro.mandate", "signed_document"), ("res.partner", "personal_number"),
            ("res.company", "autogiro_seal_key"), ("brp.channel.order", "openactive_parties"),
        }  # fmt: skip
        self.assertFalse(expected - set(self.planted))
        for (model, name), secret in self.planted.items():
            record = next(one for one in self.records if one._name == model).sudo()
            kept = record[name]
            kept = base64.b64decode(kept).decode() if record._fields[name].type == "binary" else str(kept)
            self.assertIn(secret, kept, f"{model}.{name}")

    # === OTHERS === #

    def test_not_read_by_others(self):
        """Somebody with all other groups finds the value in no field, name, export or group of any record."""
        for group in sorted(SECRET_GROUPS):
            fields = {key for key in self.planted if self.env[key[0]]._fields[key[1]].groups == group}
            self.assertTrue(fields, group)
            user = self._without(group)
            for record in self.records:
                if record._transient:
                    self.env.cr.execute(f'UPDATE "{record._table}" SET create_uid = %s', [user.id])
                    self.env.invalidate_all()
                with self.subTest(record._name, without=group):
                    self._look_for(
                        self._all_told(record.with_user(user).with_company(self.company)),
                        record._name,
                        fields,
                    )

    def _without(self, group):
        taken = self.env.ref(group)
        groups = [one for one in self.inside if not self.env.ref(one).all_implied_ids & taken]
        groups.append("base.group_allow_export")
        return self.make_user(f"without_{group}", groups, self.company)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def _all_told(self, record):
        """All that the user of `record` gets to know of it, as a text."""
        if not record.has_access("read"):
            return ""
        fields = record.fields_get()
        names = [name for name in fields if fields[name]["type"] != "binary"]
        told = [self._answer(lambda: record.display_name)]
        told += [self._answer(lambda: record.name_search("", limit=500))]
        for ask in (record.read, record.export_data):
            told += self._answer_each(ask, names)
        for name in names:
            if fields[name].get("groupable"):
                told.append(self._answer(partial(self._groups, record, name)))
        return json.dumps(told, default=str, ensure_ascii=False)

    @staticmethod
    def _groups(record, name):
        return record.formatted_read_group([("id", "=", record.id)], [name], ["__count"])

    def _answer_each(self, ask, names):
        """What is told of all `names` at once, or of each when one of them cannot be told."""
        try:
            with self.env.cr.savepoint():
                return [ask(names)]
        except Exception:
            return [self._answer(partial(ask, [name])) for name in names]

    def _answer(self, ask):
        """What comes of `ask`: an answer, or the text of an error, which may tell as much."""
        try:
            with self.env.cr.savepoint():
                return ask()
        except Exception as error:
            return str(error)

    def test_not_searched_by_others(self):
        """Nor does a search or an order tell what the value is like."""
        for (model, name), secret in self.planted.items():
            field = self.env[model]._fields[name]
            if field.type == "binary":
                continue
            user = self._users_without(field.groups)
            record = next(one for one in self.records if one._name == model).with_user(user)
            for domain in ([(name, "=", secret)], [(name, "ilike", secret[:3])], [(name, "!=", False)]):
                with self.subTest(f"{model}.{name}", domain=domain[0][1]), self.assertRaises(AccessError):
                    record.search(domain)
            with self.subTest(f"{model}.{name}", domain="order"), self.assertRaises(AccessError):
                record.search([], order=name)

    def _users_without(self, group):
        login = f"without_{group}"
        return self.env["res.users"].search([("login", "=", login)]) or self._without(group)

    # === DUPLICATES === #

    def test_not_duplicated(self):
        """A duplicate of a record has none of them, whoever makes it."""
        for record in self.records:
            if record._transient:
                continue
            with self.subTest(record._name):
                copied = record.sudo().with_company(self.company).copy_data()
                self._look_for(json.dumps(copied, default=str, ensure_ascii=False), "a duplicate")

    # === A COPY OF THE DATABASE === #

    def test_not_in_a_neutralized_copy(self):
        """Keys, passwords and tokens are nowhere in such a database, nor are those being typed in."""
        secrets = {
            secret
            for (model, name), secret in self.planted.items()
            if model in ("brp.connection", "res.company") and self.env[model]._fields[name].groups == SYSTEM
        }
        secrets |= self._plant_parameters() | self._plant_dialogs()
        self.assertGreater(len(secrets), 12)
        self.env.flush_all()
        self.assertEqual(self._found_in_database(secrets), secrets)
        neutralize_database(self.env.cr)
        self.assertFalse(self._found_in_database(secrets))

    def _plant_parameters(self):
        """A value for each of our settings that only system administrators see."""
        planted = set()
        for field in self.env["res.config.settings"]._fields.values():
            key = getattr(field, "config_parameter", None)
            if key and field.groups == SYSTEM and field._modules[0] in self.our_addons:
                planted.add(secret := f"Hemlig parameter {key}")
                self.env["ir.config_parameter"].set_param(key, secret)
        return planted

    def _plant_dialogs(self):
        planted = set()
        for model in self.our_models(transient=True):
            for name in TYPED_IN & set(model._fields):
                if model._fields[name].store and model._fields[name].type == "char":
                    planted.add(secret := f"Hemlig dialog {model._name} {name}")
                    self.env.cr.execute(f'UPDATE "{model._table}" SET "{name}" = %s', [secret])
        return planted

    def _found_in_database(self, secrets):
        """Which of `secrets` any table has."""
        self.env.cr.execute(
            "SELECT quote_ident(table_name) FROM information_schema.tables"
            " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        )
        found = set()
        for (table,) in self.env.cr.fetchall():
            self.env.cr.execute(
                f"SELECT whole::text FROM {table} AS whole WHERE whole::text LIKE '%%Hemlig%%'"
            )
            told = " ".join(row for (row,) in self.env.cr.fetchall())
            found |= {secret for secret in secrets if secret in told}
        return found
