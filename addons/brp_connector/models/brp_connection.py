from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.mail import plaintext2html

from ..service import ServiceError, next_delay
from .at_once import made_once

# A service that fails this many times in a row is told of; once may be a hiccup.
_PATIENCE = 3


@dataclass(frozen=True)
class Provider:
    """What is the same for all connections to a service.

    :ivar description: what the connection does for the user, a sentence for the card
    :ivar logo: address of the picture on the card
    :ivar several: whether a company can have several connections of the kind
    :ivar manual_export: whether the card's menu offers to export at once
    """

    description: str
    logo: str
    several: bool = False
    manual_export: bool = False


class Connection(models.Model):
    """A company's connection to an outside service, and its card on the page Integrations.

    An addon that connects to a service adds to ``provider`` and overrides the methods under PROVIDER, each
    of which it answers for its own provider only.
    """

    _name = "brp.connection"
    _description = "Connection"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, company_id, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    provider = fields.Selection([], required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, default=lambda self: self.env.company
    )
    several = fields.Boolean(readonly=True, help="A company can have several connections of this kind.")
    state = fields.Selection(
        [
            ("new", "Not Activated"),
            ("active", "Active"),
            ("paused", "Paused"),
            ("inactive", "Deactivated"),
        ],
        default="new",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    active_since = fields.Datetime(readonly=True, copy=False)
    responsible_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        tracking=True,
        help="Who is told when the connection does not work.",
    )
    description = fields.Text(compute="_compute_card")
    logo = fields.Char(compute="_compute_card")
    has_manual_export = fields.Boolean(compute="_compute_card")
    problem = fields.Text(readonly=True, copy=False, help="What is wrong and what to do about it.")
    problem_date = fields.Datetime(string="Problem Since", readonly=True, copy=False)
    failure = fields.Text(readonly=True, copy=False, help="Why the service as such does not work.")
    failures = fields.Integer(readonly=True, copy=False, help="How many times in a row the service failed.")
    next_try = fields.Datetime(
        readonly=True,
        copy=False,
        help="Nothing is sent before this time, because the service did not answer.",
    )
    exchange_ids = fields.One2many("brp.exchange", "connection_id", readonly=True)
    waiting_count = fields.Integer(compute="_compute_exchange_counts", string="Waiting")
    attention_count = fields.Integer(compute="_compute_exchange_counts", string="Need Attention")

    _one_of_a_kind = models.UniqueIndex(
        "(company_id, provider) WHERE several IS NOT TRUE", "The company has this connection already."
    )

    # === COMPUTE METHODS === #

    @api.depends("provider")
    def _compute_card(self):
        providers = self._get_providers()
        for connection in self:
            provider = providers.get(connection.provider)
            connection.description = provider and provider.description
            connection.logo = provider and provider.logo
            connection.has_manual_export = bool(provider and provider.manual_export)

    @api.depends("exchange_ids.state")
    def _compute_exchange_counts(self):
        counts = {
            (connection.id, state): count
            for connection, state, count in self.env["brp.exchange"]._read_group(
                [("connection_id", "in", self.ids), ("state", "in", ("pending", "failed", "blocked"))],
                ["connection_id", "state"],
                ["__count"],
            )
        }
        for connection in self:
            connection.waiting_count = counts.get((connection.id, "pending"), 0)
            connection.attention_count = counts.get((connection.id, "failed"), 0) + counts.get(
                (connection.id, "blocked"), 0
            )

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for connection in self:
            if connection.state != "new" or connection.sudo().exchange_ids:
                raise UserError(
                    self.env._("%s has been used. Deactivate it: its history is kept.", connection.name)
                )

    # === INTEGRATIONS === #

    @api.model
    def action_open_integrations(self):
        """Show the cards of the user's companies; those of services never connected are made now."""
        self.check_access("read")
        self._make_cards(self.env.companies)
        return self.env["ir.actions.actions"]._for_xml_id("brp_connector.brp_connection_action")

    @api.model
    def _make_cards(self, companies):
        """See to it that every company has a card of every service that it could connect to."""
        labels = dict(self._fields["provider"]._description_selection(self.env))
        there = {
            (company.id, provider)
            for company, provider, state in self.sudo()._read_group(
                [("company_id", "in", companies.ids)], ["company_id", "provider", "state"]
            )
            if state == "new" or not self._get_providers()[provider].several
        }
        with made_once(self.env.cr):
            self.sudo().create(
                [
                    {
                        "name": labels[code],
                        "provider": code,
                        "company_id": company.id,
                        "several": provider.several,
                    }
                    for company in companies
                    for code, provider in self._get_providers().items()
                    if (company.id, code) not in there
                ]
            )

    def action_activate(self):
        """Open the dialog that connects to the service."""
        self.ensure_one()
        self._check_manager()
        if self.state == "active":
            raise UserError(self.env._("%s is already active.", self.name))
        return self._get_activation_action()

    def action_settings(self):
        """Open the connection's settings."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def action_manual_export(self):
        """Send what there is to send now, after a question."""
        self.ensure_one()
        if self.state != "active":
            raise UserError(self.env._("%s is not active.", self.name))
        return self._get_manual_export_action()

    def action_test(self):
        """Ask the service who it is, and show its answer."""
        self.ensure_one()
        self._check_manager()
        try:
            answer = self.sudo()._test()
        except ServiceError as error:
            raise UserError(self._explain(error)) from error
        if self.state == "active":
            self.sudo()._note_works()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "title": self.name, "message": answer},
        }

    def action_deactivate(self):
        """Stop everything that the connection does; what it has done is kept."""
        self._check_manager()
        for connection in self.sudo():
            connection._deactivate()

    def action_resume(self):
        """Go on after a pause: the service is asked whether it knows us again."""
        self.ensure_one()
        self._check_manager()
        if self.state != "paused":
            raise UserError(self.env._("%s is not paused.", self.name))
        result = self.action_test()
        self.sudo()._activate()
        return result

    def action_view_exchanges(self):
        """Show what has been sent and fetched."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("brp_connector.brp_exchange_action")
        action["domain"] = [("connection_id", "=", self.id)]
        action["context"] = {"search_default_attention": 1} if self.attention_count else {}
        return action

    def _check_manager(self):
        self.check_access("write")

    def _activate(self):
        """Let the connection work; what waited is sent."""
        for connection in self:
            connection.write(
                {
                    "state": "active",
                    "active_since": fields.Datetime.now(),
                    "responsible_id": connection.responsible_id.id or self.env.uid,
                }
            )
        self._note_works()
        # Of what a company can have several, there is always one more to activate.
        self._make_cards(self.company_id)

    def _deactivate(self):
        self.write({"state": "inactive", "failures": 0, "failure": False, "next_try": False})
        self._refresh_problem()

    def _pause(self, reason):
        """Stop sending, because the service has closed the connection.

        :param reason: what has happened and what to do, for the user
        """
        self.ensure_one()
        if self.state == "active":
            self.write({"state": "paused", "failure": reason})
            self._refresh_problem()

    # === PROBLEMS === #

    def _note_failure(self, error):
        """Wait before the next try of a service that does not work; tell of it when it goes on.

        :param ServiceError error: what is wrong with the service as such, not with one record
        """
        self.ensure_one()
        now = fields.Datetime.now()
        # Several processes may meet with the same failure.
        known = self.next_try and self.next_try > now
        failures = self.failures if known else self.failures + 1
        if known:
            next_try = max(self.next_try, now + timedelta(seconds=error.retry_after or 0))
        else:
            next_try = now + timedelta(seconds=next_delay(failures, error.retry_after))
        values = {"failures": failures, "next_try": next_try}
        if error.kind != "again" or failures >= _PATIENCE:
            values["failure"] = self._in_language()._explain(error)
        self._write_changed(values)

    def _write_changed(self, values):
        """Write what is not so already: all processes that send things write here."""
        for connection in self:
            changed = {name: value for name, value in values.items() if connection[name] != value}
            if changed:
                connection._lock()
                connection.write(changed)

    def _lock(self):
        """Wait for who else writes to the connection. If somebody did, the transaction is made anew."""
        self.env.cr.execute(
            SQL("SELECT FROM brp_connection WHERE id = %s FOR NO KEY UPDATE", self.id), log_exceptions=False
        )

    def _note_success(self):
        """The service works: what was told of a failure is taken back."""
        self._write_changed({"failures": 0, "failure": False, "next_try": False})
        self.filtered("problem")._refresh_problem()

    def _note_works(self):
        """Somebody has seen to it that the service works: all that waits is sent now."""
        self._note_success()
        self._retry_blocked()
        self.env["brp.exchange"]._wake()

    def _note_exchange_problem(self, exchange, error=None):
        """Tell what came of an exchange that was not delivered.

        :param ServiceError error: the service's, if it was not we who stopped
        """
        self.ensure_one()
        if error and self._is_closed_by(error):
            self._pause(self._explain(error))
        elif error and self._concerns_all(error):
            self._note_failure(error)
        self._refresh_problem()

    def _find_problem(self):
        """Return what is wrong now and what to do about it, or nothing.

        Addons add what they know of.
        """
        self.ensure_one()
        if self.failure:
            return self.failure
        stuck = self.env["brp.exchange"].search(
            [("connection_id", "=", self.id), ("state", "in", ("failed", "blocked"))], order="id", limit=1
        )
        if not stuck:
            return False
        # Not how many: the card tells that, and each one would be a new problem to tell of.
        return self.env._("%(record)s: %(error)s", record=stuck.record_name, error=stuck.error)

    def _get_language(self):
        """Return the language in which what concerns the connection is told: that of who is responsible."""
        return self.responsible_id.lang or self.env.lang or self.company_id.partner_id.lang

    def _in_language(self):
        return self.with_context(lang=self._get_language())

    def _refresh_problem(self):
        """Show what is wrong now on top of the web client and tell who is responsible, or take it back."""
        for connection in self:
            connection = connection._in_language()
            problem = connection._find_problem() if connection.state in ("active", "paused") else False
            if problem == connection.problem:
                continue
            connection._lock()
            connection.write(
                {
                    "problem": problem,
                    "problem_date": problem and (connection.problem_date or fields.Datetime.now()),
                }
            )
            connection.activity_unlink(["mail.mail_activity_data_warning"])
            if problem:
                connection._tell_problem(problem)
            connection._refresh_banners()

    def _tell_problem(self, problem):
        self.message_post(body=plaintext2html(problem), subtype_xmlid="mail.mt_note")
        if self.responsible_id:
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("%s needs attention", self.name),
                note=plaintext2html(problem),
                user_id=self.responsible_id.id,
            )

    def _refresh_banners(self):
        """Have the web clients of those concerned ask anew what to show."""
        group = self.env.ref("brp_connector.group_connector_user")
        users = group.sudo().all_user_ids.filtered(lambda user: self.company_id in user.company_ids)
        users._bus_send("brp_connection_problem", {})

    @api.model
    def get_problems(self):
        """Return what the banner of the web client shows.

        :return: [{"id", "name", "problem"}] of the companies that the user works in now
        """
        if not self.has_access("read"):
            return []
        return self.search_read(
            [("problem", "!=", False), ("company_id", "in", self.env.companies.ids)],
            ["name", "problem"],
            order="problem_date desc",
        )

    def _retry_blocked(self):
        """Send at once what waited for settings to be corrected, or for the service to work."""
        now = fields.Datetime.now()
        self.env["brp.exchange"].search(
            [
                ("connection_id", "in", self.ids),
                "|",
                ("state", "=", "blocked"),
                "&",
                ("state", "=", "pending"),
                ("next_attempt", ">", now),
            ]
        )._retry()
        self._refresh_problem()

    # === PROVIDER === #

    @api.model
    def _get_providers(self):
        """Return {provider: Provider} of all services that can be connected to."""
        return {}

    def _make_unanswered(self):
        """Return the error of a provider whose addon does not answer what is asked, or is not installed."""
        return UserError(
            self.env._("%s does not offer this. Is everything that belongs to it installed?", self.name)
        )

    def _get_activation_action(self):
        """Return the action of the dialog that connects to the service."""
        raise self._make_unanswered()

    def _get_manual_export_action(self):
        """Return the action of the dialog that exports at once."""
        raise self._make_unanswered()

    def _test(self):
        """Ask the service who it is; return a sentence with its answer, or raise ServiceError."""
        raise self._make_unanswered()

    def _get_service(self, on_exchange=None):
        """Return what talks to the service.

        :param on_exchange: called with the masked trace of every call
        """
        raise self._make_unanswered()

    def _send_exchange(self, service, exchange):
        """Tell the service what the exchange is about. Writes nothing.

        :param service: what ``_get_service`` gave
        :return: what the service calls it, a ``Delivered``
        :raise ServiceError:
        """
        raise self._make_unanswered()

    def _get_batch_size(self, operation):
        """Return how many exchanges of a kind the service takes at once.

        Where it is more than one, ``_send_exchanges`` and ``_look_up_exchanges`` are needed as well as those
        for a single one: what goes wrong with several at once is tried again one by one.
        """
        return 1

    def _send_exchanges(self, service, exchanges):
        """Tell the service what several exchanges are about. Writes nothing.

        :return: {exchange: ``Delivered``, or the ``ServiceError`` or ``UserError`` that concerns it alone},
            of each of them
        :raise ServiceError: what concerns all of them; unless the service as such does not work
            (``_concerns_all``), it may be one of them that it refuses: they are then sent one by one, as
            after any other exception
        """
        raise self._make_unanswered()

    def _look_up_exchanges(self, service, exchanges):
        """Ask the service which of the exchanges it has got already. Writes nothing.

        :return: {exchange: ``Delivered``} of those that it has; the others it surely does not have
        :raise ServiceError: nothing is sent then
        """
        raise self._make_unanswered()

    def _look_up_exchange(self, service, exchange):
        """Ask the service whether it has got the exchange already. Writes nothing.

        :return: what it is called there, a ``Delivered``; None when the service surely does not have it
        :raise ServiceError: nothing is sent then
        """
        raise self._make_unanswered()

    def _finish_exchange(self, exchange, delivered):
        """Do what follows from a delivered exchange, in the transaction that says so."""

    def _give_up_exchange(self, exchange):
        """Do what follows from an exchange that somebody gave up."""

    def _concerns_all(self, error):
        """Return whether an error concerns everything that is sent to the service, not one record."""
        return (
            error.kind == "again"
            or error.problem in ("redirect", "address", "certificate")
            or error.status in (401, 403)
        )

    def _is_closed_by(self, error):
        """Return whether an error tells that the service has closed the connection for good."""
        return False

    def _explain(self, error):
        """Return what a person should know and do about an error, with the service's own words."""
        self.ensure_one()
        name = self.name
        sentences = {
            "unreachable": self.env._("%s cannot be reached. We try again.", name),
            "timeout": self.env._("%s did not answer in time. We try again.", name),
            "too_slow": self.env._("%s answered too slowly. We try again.", name),
            "closed": self.env._("%s closed the connection before it had answered. We try again.", name),
            "garbage": self.env._("%s gave an answer that cannot be understood. We try again.", name),
            "too_large": self.env._("%s gave an answer that is far too large.", name),
            "redirect": self.env._(
                "%(name)s pointed to %(host)s, where nothing was sent. Check the address in the settings.",
                name=name,
                host=error.other_host or self.env._("another address"),
            ),
            "address": self.env._(
                "The address of %s cannot be used: it has to begin with https://. Check the settings.", name
            ),
            "certificate": self.env._(
                "The certificate of %s is not valid, so nothing was sent. Check the address in the settings.",
                name,
            ),
        }
        sentence = sentences.get(error.problem)
        if not sentence:
            sentence = {
                "again": self.env._("%s could not do it now. We try again.", name),
                "settings": self.env._("%s refused it. Check the settings.", name),
                "ours": self.env._("%s did not accept what we sent.", name),
            }[error.kind]
        return f"{sentence}\n{name}: {error.words}" if error.words else sentence
