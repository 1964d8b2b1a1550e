"""docs/security.md tells who may do what, and this is so: tried by a user of each group, in the database."""

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PERSONAS, Rows, SecurityCommon
from .tables import differences

OPERATIONS = {"read": "r", "write": "w", "create": "c", "unlink": "d"}
NOTHING = "·"


@tagged("post_install", "-at_install")
class TestAccess(SecurityCommon):
    """A new model, group, right or secret field makes these fail until the page tells of it."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        models = cls.our_models()
        cls.here = Rows(cls.env, models, cls.company, cls.everything)
        cls.there = Rows(cls.env, models, cls.elsewhere, cls.foreign)
        cls.users_by_groups = {}

    def _told(self, heading, found):
        wrong = differences(heading, found)
        self.assertFalse(wrong, f"\ndocs/security.md, {heading}: - is told, + is so\n{wrong}")

    # === MODELS === #

    def _rights(self, model):
        """What each persona may do with the company's row of `model`."""
        return {persona: self._letters(model, user) for persona, user in self.users.items()}

    def _letters(self, model, user):
        own = model.with_user(user)
        if model._transient:
            self._belongs_to(model, user)
        record = own.browse(self.here.ids.get(model._name, ()))
        letters = "".join(letter for name, letter in OPERATIONS.items() if record.has_access(name))
        self.assertEqual("r" in letters, self._reads(record), f"{model._name} for {user.login}")
        return letters or NOTHING

    def _belongs_to(self, model, user):
        """Wizards are tried by whoever opened them."""
        self.env.cr.execute(f'UPDATE "{model._table}" SET create_uid = %s', [user.id])
        self.env.invalidate_all()

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def _reads(self, record):
        """Whether it is really read."""
        try:
            if record:
                record.read(["id", "display_name"])
            found = self._found(record)
        except AccessError:
            return False
        return not record or found == record

    @staticmethod
    def _found(records):
        """Those of `records` that a search finds, archived ones too."""
        return records.with_context(active_test=False).search([("id", "in", records.ids)])

    def test_models(self):
        """Which rights each group has on each of our models, tried on a row of the own company."""
        self._told("Records", {m._name: self._rights(m) for m in self.our_models(transient=False)})

    def test_wizards(self):
        """The same for dialogs, tried on one that the user opened."""
        self._told("Dialogs", {m._name: self._rights(m) for m in self.our_models(transient=True)})

    # === WHOSE ROWS === #

    def test_rows(self):
        """Whoever has all groups sees the own company's rows, or more when the page tells so."""
        found = {}
        for model in self.our_models(transient=False):
            kind = self._whose(model.with_user(self.everything))
            if kind != "own companies":
                found[model._name] = {"seen": kind}
        self._told("Rows of other companies", found)

    def test_dialogs_of_others(self):
        """A dialog is its opener's alone, in the same company too: what is typed in may be a secret."""
        for model in self.our_models(transient=True):
            for rows, owner in ((self.here, self.users["system"]), (self.there, self.foreign)):
                with self.subTest(model._name, company=rows.company.name):
                    self._belongs_to(model, owner)
                    record = rows[model._name].with_user(self.everything)
                    self.assertFalse(self._found(record))
                    for operation in ("read", "write", "unlink"):
                        self.assertFalse(record.has_access(operation), operation)

    def _whose(self, model):
        """Whose rows of `model` are seen."""
        if not model._auto:
            seen = model.search([]).company_id
            self.assertTrue(model.sudo().search([("company_id", "=", self.elsewhere.id)]), "nothing to hide")
            return "own companies" if seen == self.company else "of all companies"
        own, other = self.here[model._name].with_user(model.env.user), self.there[model._name]
        other = other.with_user(model.env.user)
        self.assertTrue(own.has_access("read"), f"{model._name}: nobody sees it")
        seen = self._found(own + other)
        self.assertIn(own, seen)
        for operation in ("read", "write", "unlink"):
            if operation == "read" or own.has_access(operation):
                self.assertEqual(other.has_access(operation), other in seen, f"{model._name}: {operation}")
        if other in seen:
            return "of all companies"
        return "own companies and shared" if self._shared(own) else "own companies"

    def _shared(self, record):
        """Whether a row without company is seen."""
        field = record._fields.get("company_id")
        if not (field and field.store) or field.related or field.required:
            return False
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.env.cr.execute(f'UPDATE "{record._table}" SET company_id = NULL WHERE id = %s', [record.id])
            self.env.invalidate_all()
            seen = record.has_access("read")
            savepoint.rollback()
        self.env.invalidate_all()
        return seen

    # === FIELDS === #

    def test_fields(self):
        """Which fields only some of those who read the record may read: all other groups together may not."""
        found = {}
        for model in self.env.values():
            for field in model._fields.values():
                if field.groups and self._is_ours(field) and not model._abstract:
                    found[f"{model._name}.{field.name}"] = {"only for": self._only_for(model, field)}
        self._told("Fields", found)

    def _is_ours(self, field):
        """Whether we made the field; one of Odoo's that we extend is not."""
        return bool(field._modules) and field._modules[0] in self.our_addons

    def _only_for(self, model, field):
        """The columns of the groups that `field` asks for, each tried, and tried without them all."""
        personas = {group: persona for persona, group in PERSONAS.items()}
        asked = field.groups.split(",")
        self.assertTrue(set(asked) <= set(personas), f"{field}: a group without a column")
        self.assertFalse(self._reads_field(model, field, self._with_all_but(asked)), f"{field} by all others")
        self.assertTrue(self._reads_field(model, field, self.everything), f"{field}: nobody reads it")
        for group in asked:
            user = self._with_all_but(asked, group)
            if model.with_user(user).has_access("read"):
                self.assertTrue(self._reads_field(model, field, user), f"{field} with {group}")
        return ", ".join(personas[group] for group in asked)

    def _with_all_but(self, left_out, given=None):
        """A user with all groups but those that bring one of `left_out`, and with the group `given`."""
        key = "_".join(["security", *left_out, "given", str(given)])
        if key not in self.users_by_groups:
            without = self.env["res.groups"].union(*map(self.env.ref, left_out))
            groups = [one for one in self.inside if not self.env.ref(one).all_implied_ids & without]
            self.users_by_groups[key] = self.make_user(key, groups + ([given] if given else []), self.company)
        return self.users_by_groups[key]

    def _reads_field(self, model, field, user):
        own = model.with_user(user)
        if model._transient and model._name in self.here.ids:
            self._belongs_to(model, user)
        try:
            own.browse(self.here.ids.get(model._name, ())).read([field.name])
        except AccessError:
            if own.has_access("read"):
                self.assertNotIn(field.name, own.fields_get())
                if field.store:
                    with self.assertRaises(AccessError, msg=f"{field} for {user.login}"):
                        own.search([(field.name, "!=", False)])
            return False
        return True

    # === GROUPS === #

    def test_rights_on_odoos_models(self):
        """What our addons let a group do with a model of Odoo's."""
        found = {}
        ours = {model._name for model in self.our_models()}
        for data in self._of_ours("ir.model.access"):
            access = self.env["ir.model.access"].browse(data.res_id)
            if access.model_id.model in ours:
                continue
            flags = {"r": access.perm_read, "w": access.perm_write, "c": access.perm_create}
            flags["d"] = access.perm_unlink
            cells = {"group": access.group_id.full_name, "may": "".join(k for k, v in flags.items() if v)}
            found[f"{access.model_id.model}"] = cells
        self._told("Odoo's models", found)

    def test_groups(self):
        """Which groups bring which others, as far as ours are among them; and each is tried above."""
        Groups = self.env["res.groups"]
        ours = Groups.browse(self._of_ours("res.groups").mapped("res_id"))
        tried = Groups.union(*map(self.env.ref, PERSONAS.values()))
        self.assertFalse((ours - tried).mapped("full_name"), "groups without a column")
        access = self.env["ir.model.access"].browse(self._of_ours("ir.model.access").mapped("res_id"))
        self.assertFalse(
            (access.group_id - tried).mapped("full_name"), "groups with rights, without a column"
        )
        self.assertFalse(access.filtered(lambda one: not one.group_id).mapped("name"), "rights for everybody")
        found = {}
        for group in Groups.search([]):
            brought = group.implied_ids if group in ours else group.implied_ids & ours
            if brought:
                found[group.full_name] = {"brings": ", ".join(sorted(brought.mapped("full_name")))}
        self._told("Groups", found)

    def _of_ours(self, model):
        return self.env["ir.model.data"].search(
            [("model", "=", model), ("module", "in", sorted(self.our_addons))]
        )
