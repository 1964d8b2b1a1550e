"""Another company's users, customers and strangers get nothing, by whatever door: all found by looking."""

import inspect
import json
from threading import current_thread

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import Rows, SecurityCommon

QUIET = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.sql_db", "odoo.http")
# What has no company and is known to all who may read it at all; see docs/security.md.
SHARED = {"brp.activity", "brp.openactive.type", "brp.connection.calls", "brp.feed.change", "brp.feed.item"}
# Those of Odoo's models that our addons give methods of their own to.
EXTENDED = (
    "account.move", "pos.config", "pos.order", "pos.session", "res.partner", "sale.order", "sale.order.line",
)  # fmt: skip
ARGUMENTS = {"str": "x", "int": 1, "float": 1.0, "bool": True, "list": [], "dict": {}}


class ElsewhereCommon(SecurityCommon):
    """A row of each model here and elsewhere, marked; and a way to see whether any of it was touched."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = [*cls.our_models(), *(cls.env[name] for name in EXTENDED)]
        cls.here = Rows(cls.env, cls.models, cls.company, cls.everything)
        cls.there = Rows(cls.env, cls.models, cls.elsewhere, cls.foreign)
        cls.env.flush_all()

    def _digest(self, rows):
        """All that the database has of `rows`, as one text."""
        parts = " UNION ALL ".join(
            f"""SELECT '{name}' || whole::text FROM "{self.env[name]._table}" AS whole WHERE id = {number}"""
            for name, number in rows.ids.items()
        )
        self.env.cr.execute(parts)
        return sorted(row for (row,) in self.env.cr.fetchall())

    def _told(self, answer):
        return json.dumps(answer, default=repr, ensure_ascii=False)

    def _is_told(self, answer, rows, but=()):
        """Which of the marks of `rows` an answer has, those of the models `but` left out."""
        told = self._told(answer)
        return [name for name in rows.ids if name not in but and f"{rows.mark} {name} " in told]


@tagged("post_install", "-at_install")
class TestMethods(ElsewhereCommon):
    """What can be called by RPC, each public method of ours on each model, with the ids of others."""

    @staticmethod
    def public_methods(model, addons):
        """The names of the methods of `model` that only `addons` define and that RPC lets anybody call."""
        ours, others = set(), set()
        for cls in type(model).__mro__:
            parts = cls.__module__.split(".")
            known = ours if parts[:2] == ["odoo", "addons"] and parts[2] in addons else others
            known |= {name for name, value in vars(cls).items() if inspect.isfunction(value)}
        public = []
        for name in sorted(ours - others if model._name in EXTENDED else ours):
            try:
                get_public_method(model, name)
            except (AccessError, AttributeError):
                continue
            public.append(name)
        return public

    def _arguments(self, method, ids):
        """Something for each argument that `method` demands: ids where it wants any."""
        parameters = list(inspect.signature(method).parameters.values())[1:]
        return [
            ids if "id" in parameter.name else ARGUMENTS.get(str(parameter.annotation), "x")
            for parameter in parameters
            if parameter.default is parameter.empty and parameter.kind == parameter.POSITIONAL_OR_KEYWORD
        ]

    def _call(self, user, name, method_name, ids, context=None):
        """Call as RPC does. Returns the answer, or the text of the error that the caller would see."""
        model = self.env(user=user, su=False)[name]
        method = get_public_method(model, method_name)
        arguments = self._arguments(method, ids)
        if not getattr(method, "_api_model", False):
            arguments = [ids, *arguments]
        try:
            with self.env.cr.savepoint():
                answer = call_kw(model, method_name, arguments, {"context": context or {}})
                self.env.flush_all()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return answer

    def _try_all(self, user, rows, but=(), context=None):
        """Call each public method of ours on the row of `rows`. Yields what went wrong."""
        before = self._digest(rows)
        for name, number in sorted(rows.ids.items()):
            if name in but:
                continue
            for method in self.public_methods(self.env[name], self.our_addons):
                with self.env.cr.savepoint() as savepoint:
                    answer = self._call(user, name, method, [number], context)
                    leaks = self._is_told(answer, rows, but)
                    changed = self._digest(rows) != before
                    savepoint.rollback()
                self.env.invalidate_all()
                if leaks:
                    yield f"{name}.{method} tells {user.login} of {', '.join(leaks)}"
                if changed:
                    yield f"{name}.{method} lets {user.login} change something"

    @mute_logger(*QUIET)
    def _nothing(self, user, rows, but=(), context=None):
        self.assertEqual(list(self._try_all(user, rows, but, context)), [])

    def test_there_are_methods(self):
        """Looking finds what there is."""
        found = {
            f"{name}.{method}"
            for name in self.there.ids
            for method in self.public_methods(self.env[name], self.our_addons)
        }
        for known in (
            "brp.connection.action_test", "brp.autogiro.mandate.action_request", "brp.payout.action_post",
            "brp.exchange.action_retry", "brp.slot.action_close", "account.move.action_seven_send",
            "pos.config.find_slots", "pos.order.check_mandate", "sale.order.action_sell_in_installments",
        ):  # fmt: skip
            self.assertIn(known, found)
        self.assertGreater(len(found), 100)

    def test_other_company(self):
        """Whoever has all groups in one company reaches nothing of another."""
        self._nothing(self.everything, self.there, SHARED)

    def test_other_company_that_is_claimed(self):
        """Nor by saying in the context that the other company is theirs."""
        context = {"allowed_company_ids": self.elsewhere.ids}
        self._nothing(self.everything, self.there, SHARED, context)

    def test_outsiders(self):
        """A stranger and a customer reach nothing of either company, but the plans that customers buy by."""
        for persona in ("stranger", "portal"):
            for rows in (self.here, self.there):
                but = SHARED | ({"brp.installment.plan"} if rows is self.here else set())
                with self.subTest(persona, company=rows.company.name):
                    self._nothing(self.users[persona], rows, but)

    def test_employee_without_groups(self):
        """Neither does who merely works here."""
        self._nothing(self.users["employee"], self.here, SHARED | {"brp.installment.plan", "res.partner"})

    # === WHAT THE ORM ITSELF OFFERS === #

    @mute_logger(*QUIET)
    def test_readings(self):
        """Guessed ids, names, groupings, exports and followers of another company's records tell nothing."""
        for name, number in sorted(self.there.ids.items()):
            if name in SHARED or name in EXTENDED:
                continue
            fields = [field for field in self.env[name].fields_get() if field != "id"]
            group = next(
                (one for one in fields if self.env[name]._fields[one].store
                 and self.env[name]._fields[one].type == "char"), "create_uid",
            )  # fmt: skip
            for user in (self.everything, self.users["portal"]):
                calls = {
                    "read": [[number]],
                    "search_read": [[["id", "=", number]]],
                    "web_search_read": [[], {"display_name": {}}],
                    "search": [[["id", "=", number]]],
                    "search_count": [[["id", "=", number]]],
                    "name_search": [self.there.mark],
                    "formatted_read_group": [[["id", "=", number]], [group], ["__count"]],
                    "export_data": [[number], ["id", "display_name"]],
                    "web_read": [[number], {"display_name": {}}],
                    "copy": [[number]],
                    "get_metadata": [[number]],
                    "message_post": [[number]],
                    "message_subscribe": [[number], user.partner_id.ids],
                }
                for method, arguments in calls.items():
                    if not hasattr(self.env[name], method):
                        continue
                    model = self.env(user=user, su=False)[name]
                    with self.subTest(f"{name}.{method}", user=user.login):
                        try:
                            with self.env.cr.savepoint():
                                answer = call_kw(model, method, arguments, {})
                        except Exception as error:
                            answer = f"{type(error).__name__}: {error}"
                            self.assertIsInstance(error, UserError, answer)
                        self.assertNotIn(self.there.mark, self._told(answer))
                        if method in ("search", "search_count", "search_read", "formatted_read_group"):
                            self.assertFalse(answer if not isinstance(answer, str) else False)


@tagged("post_install", "-at_install")
class TestDoors(ElsewhereCommon, HttpCase):
    """What can be asked for over HTTP: our routes, reports, files, exports, RPC."""

    def setUp(self):
        super().setUp()
        self.callers = {"stranger": None, "portal": self.users["portal"], "another company": self.everything}

    def _as(self, user):
        self.authenticate(user and user.login, user and user.login)

    def _ask(self, who, url, **options):
        """Ask for a page. It may neither tell of the other company nor break."""
        answer = self.url_open(url, allow_redirects=False, timeout=30, **options)
        with self.subTest(url, who=who, status=answer.status_code):
            self.assertLess(answer.status_code, 500)
            told = self._is_told(answer.text, self.there, SHARED)
            self.assertFalse(told)
        return answer

    def _our_routes(self):
        """The addresses that controllers of ours answer, with ids of the other company, and how to ask."""
        # Odoo's servers tell each thread its database, and pytest does not.
        current_thread().dbname = self.env.cr.dbname
        for rule in self.env["ir.http"].routing_map().iter_rules():
            endpoint = rule.endpoint
            function = getattr(endpoint, "func", endpoint)
            parts = getattr(function, "__module__", "").split(".")
            if parts[:2] != ["odoo", "addons"] or parts[2] not in self.our_addons:
                continue
            values = {name: self._guess(name, rule) for name in rule.arguments}
            url = rule.build(values, append_unknown=False)
            yield url[1] if url else None, rule.rule, endpoint.routing

    def _guess(self, name, rule):
        """An id that `name` may stand for: of the other company's record of that kind."""
        converter = type(rule._converters[name]).__name__
        if converter == "AnyConverter":
            return sorted(rule._converters[name].items)[0]
        kind = name.removesuffix("_id")
        ids = {model.split(".")[-1]: number for model, number in self.there.ids.items()}
        number = self.elsewhere.id if kind == "company" else ids.get(kind, 1)
        return number if converter == "IntegerConverter" else str(number)

    @mute_logger(*QUIET, "werkzeug")
    def test_routes(self):
        """Every route of every controller of ours."""
        routes = list(self._our_routes())
        rules = {rule for _, rule, _ in routes}
        for known in ("/my/installments", "/my/bookings", "/brp_accounting_export/documents/<int:file_id>"):
            self.assertIn(known, rules)
        for who, user in self.callers.items():
            self._as(user)
            for url, rule, routing in routes:
                self.assertTrue(url, rule)
                if routing["type"] == "jsonrpc":
                    self._ask(who, url, json={"jsonrpc": "2.0", "method": "call", "params": {}})
                    continue
                for method in routing.get("methods") or ["GET"]:
                    self._ask(who, url, method=method)

    @mute_logger(*QUIET, "werkzeug")
    def test_reports_and_files(self):
        """Reports on another company's documents, and the files that are attached to them."""
        reports = self.env["ir.actions.report"].browse(
            self.env["ir.model.data"]
            .search([("model", "=", "ir.actions.report"), ("module", "in", sorted(self.our_addons))])
            .mapped("res_id")
        )
        self.assertGreaterEqual(len(reports), 3)
        urls = [f"/report/html/{one.report_name}/{self.there.ids[one.model]}" for one in reports]
        urls += [f"/report/text/{one.report_name}/{self.there.ids[one.model]}" for one in reports]
        for name, number in self.there.ids.items():
            if name in SHARED:
                continue
            attached = self.env["ir.attachment"].create(
                {"name": "x", "res_model": name, "res_id": number, "raw": f"{self.there.mark} {name} file"}
            )
            urls.append(f"/web/content/{attached.id}")
            urls += [
                f"/web/content/{name}/{number}/{field.name}"
                for field in self.env[name]._fields.values()
                if field.type == "binary" and field._modules and field._modules[0] in self.our_addons
            ]
        for who, user in self.callers.items():
            self._as(user)
            for url in urls:
                self.assertNotEqual(self._ask(who, url).status_code, 200, f"{url} for {who}")

    @mute_logger(*QUIET, "werkzeug")
    def test_customers_pages(self):
        """The portal's pages of another customer's documents."""
        self._as(self.users["portal"])
        for name, page in (("account.move", "invoices"), ("sale.order", "orders")):
            answer = self._ask("portal", f"/my/{page}/{self.there.ids[name]}")
            self.assertNotEqual(answer.status_code, 200)

    @mute_logger(*QUIET, "werkzeug")
    def test_rpc(self):
        """JSON-2 with a key of one's own, and the web client's calls."""
        key = self.env(user=self.everything)["res.users.apikeys"]._generate("rpc", "test", None)
        bearer = {"Authorization": f"Bearer {key}"}
        self._as(self.everything)
        for name, number in self.there.ids.items():
            if name in SHARED:
                continue
            ask = {"domain": [["id", "=", number]], "fields": ["id"]}
            answer = self._ask("key", f"/json/2/{name}/search_read", json=ask, headers=bearer)
            self.assertEqual(answer.json() if answer.status_code == 200 else [], [], name)
            read = {"ids": [number], "fields": ["display_name"]}
            self.assertGreaterEqual(
                self._ask("key", f"/json/2/{name}/read", json=read, headers=bearer).status_code, 400, name
            )
            call = {"model": name, "method": "read", "args": [[number]], "kwargs": {}}
            self._ask("web client", f"/web/dataset/call_kw/{name}/read", json={"params": call})
