import logging
import random
import time
import traceback
from dataclasses import dataclass, field, replace
from datetime import timedelta

from psycopg2 import OperationalError
from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tools import SQL

from ..service import ServiceError, Trace, next_delay
from .at_once import made_once

_logger = logging.getLogger(__name__)

# Seconds, more than any one delivery takes: nobody else takes what somebody is sending.
GRACE = 600
# How often a transaction is made anew that met another process's.
_TRIES = 50
_GC_LIMIT = 10_000
# Doubling from one minute to six hours, this is two days.
_MOST_ATTEMPTS = 15
_KEEP_DAYS = 400


@dataclass(frozen=True)
class Delivered:
    """What a service answered to something that it has taken.

    :ivar reference: what it calls it, for people
    :ivar data: whatever else the connector wants to remember in ``_finish_exchange``
    """

    reference: str
    data: dict = field(default_factory=dict)


#: What a connector tells of one of several that it has sent together
_RESULTS = (Delivered, ServiceError, UserError)


class Exchange(models.Model):
    """One thing to tell an outside service, delivered exactly once.

    That an attempt begins is committed before anything is sent. A process that is killed, or that does not
    know whether its message arrived, leaves the exchange *unsure*: whoever takes it next asks the service
    whether it has it, and sends it only when it surely has not.
    """

    _name = "brp.exchange"
    _description = "Exchange"
    _order = "id desc"
    _rec_name = "key"

    connection_id = fields.Many2one(
        "brp.connection", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    operation = fields.Selection([], required=True, readonly=True)
    key = fields.Char(required=True, readonly=True, help="Tells the same thing from another one.")
    res_model = fields.Char(string="Model", readonly=True)
    res_id = fields.Many2oneReference(string="Record ID", model_field="res_model", readonly=True)
    record_name = fields.Char(string="About", readonly=True)
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("blocked", "Blocked"),
            ("cancelled", "Given Up"),
        ],
        default="pending",
        required=True,
        readonly=True,
    )
    attempts = fields.Integer(default=0, required=True, readonly=True)
    next_attempt = fields.Datetime(readonly=True, default=fields.Datetime.now)
    last_attempt = fields.Datetime(readonly=True)
    sending = fields.Boolean(
        readonly=True, help="Somebody took it to send it; until its next attempt is due it is left alone."
    )
    unsure = fields.Boolean(
        readonly=True,
        help="It is not known whether the service got it: it is looked up before it is sent again.",
    )
    alone = fields.Boolean(
        readonly=True,
        help="Together with others it met with an error that may concern one of them: it is sent by itself.",
    )
    reference = fields.Char(readonly=True, help="What the service calls it.")
    done_date = fields.Datetime(readonly=True)
    error = fields.Text(readonly=True)
    error_code = fields.Char(readonly=True, help="The service's own code.")
    request = fields.Text(readonly=True, help="Secrets and personal numbers are masked.")
    answer = fields.Text(readonly=True, help="Secrets and personal numbers are masked.")
    status = fields.Integer(string="HTTP Status", readonly=True, aggregator=None)
    seconds = fields.Float(readonly=True, aggregator="avg", help="How long the service took to answer.")

    may_open = fields.Boolean(compute="_compute_may_open", help="Whether the user may see what it is about.")

    _key_unique = models.UniqueIndex("(connection_id, key)")
    _due = models.Index("(next_attempt, id) WHERE state = 'pending'")
    _open = models.Index("(connection_id, state, id) WHERE state IN ('pending', 'failed', 'blocked')")
    _record = models.Index("(res_model, res_id)")

    @api.depends("res_model")
    @api.depends_context("uid")
    def _compute_may_open(self):
        for exchange in self:
            model = exchange.res_model
            exchange.may_open = model in self.env and self.env[model].has_access("read")

    # === QUEUE === #

    @api.model
    def _enqueue(self, connection, operation, records, key=None):
        """Have a service told something about each of the records.

        What has been told already, or waits to be, is left as it is.

        :param key: function from a record to what tells it from all others; its model and id by default
        :return: the exchanges of the records
        """
        key = key or (lambda record: f"{operation} {record._name},{record.id}")
        keys = {key(record): record for record in records}
        there = self.sudo().search([("connection_id", "=", connection.id), ("key", "in", list(keys))])
        new = keys.keys() - set(there.mapped("key"))
        with made_once(self.env.cr):
            made = self.sudo().create(
                [
                    {
                        "connection_id": connection.id,
                        "operation": operation,
                        "key": text,
                        "res_model": record._name,
                        "res_id": record.id,
                        "record_name": record.display_name,
                    }
                    for text, record in keys.items()
                    if text in new
                ]
            )
        if made:
            self._wake()
        return there + made

    @api.model
    def _wake(self, at=None):
        self.env.ref("brp_connector.ir_cron_send").sudo()._trigger(at)

    @api.model
    def _cron_send(self):
        """Send what waits, the oldest first; any number of processes may do so at the same time."""
        progress = self.env["ir.cron"]
        remaining = self._count_due()
        seconds = progress._commit_progress(0, remaining=remaining)
        while seconds:
            exchanges, look_up = self._claim()
            if not exchanges:
                remaining = 0
                progress._commit_progress(0, remaining=0)
                break
            count = exchanges._attempt(look_up)
            remaining = max(remaining - count, 0)
            seconds = progress._commit_progress(count, remaining=remaining)
        if not remaining:
            self._wake_when_due()

    @api.model
    def _count_due(self):
        now = fields.Datetime.now()
        return self.search_count(
            [
                ("state", "=", "pending"),
                ("next_attempt", "<=", now),
                ("connection_id.state", "=", "active"),
                "|",
                ("connection_id.next_try", "=", False),
                ("connection_id.next_try", "<=", now),
            ]
        )

    @api.model
    def _wake_when_due(self):
        """Have the job run when the next exchange is due: it is not there to ask every minute."""
        self.flush_model(["state", "next_attempt"])
        self.env["brp.connection"].flush_model(["state", "next_try"])
        self.env.cr.execute(
            """
            SELECT MIN(GREATEST(exchange.next_attempt, connection.next_try))
              FROM brp_exchange exchange
              JOIN brp_connection connection ON connection.id = exchange.connection_id
             WHERE exchange.state = 'pending'
               AND connection.state = 'active'
            """
        )
        [due] = self.env.cr.fetchone()
        if due:
            # What is due now is in others' hands: asking again at once would be to ask without end.
            self._wake(max(due, fields.Datetime.now() + timedelta(minutes=1)))

    @api.model
    def _claim(self):
        """Take the exchange that has waited longest, and commit that it is being sent.

        Where the service takes several at once, those of the same kind that wait as well are taken with it.

        :return: (the exchanges, whether the service may have got them before), or (none, False)
        """

        def take():
            found = self._take(SQL("TRUE"), 1)
            if not found:
                return self.browse(), False
            [first] = found
            connection = self.env["brp.connection"].browse(first["connection_id"])
            more = 0 if first["alone"] else connection._get_batch_size(first["operation"]) - 1
            if more > 0:
                alike = SQL(
                    """
                    waiting.connection_id = %(connection_id)s
                    AND waiting.operation = %(operation)s
                    AND (waiting.unsure IS TRUE) = %(unsure)s
                    AND waiting.alone IS NOT TRUE
                    """,
                    **first,
                )
                found += self._take(alike, more)
            return self.browse([one["id"] for one in found]), first["unsure"]

        self.env.cr.commit()  # pylint: disable=invalid-commit
        return self._commit(take)

    @api.model
    def _take(self, condition, limit):
        """Mark the exchanges that have waited longest as being sent.

        :return: [{"id", "connection_id", "operation", "alone", "unsure": before}], the longest waiting first
        """
        now = fields.Datetime.now()
        # Materialized: a subquery could be run for each row, and each time find another one.
        query = SQL(
            """
            WITH due AS MATERIALIZED (
                SELECT waiting.id, waiting.next_attempt, waiting.unsure IS TRUE AS unsure
                  FROM brp_exchange waiting
                  JOIN brp_connection connection ON connection.id = waiting.connection_id
                 WHERE waiting.state = 'pending'
                   AND waiting.next_attempt <= %(now)s
                   AND connection.state = 'active'
                   AND (connection.next_try IS NULL OR connection.next_try <= %(now)s)
                   AND %(condition)s
                 ORDER BY waiting.next_attempt, waiting.id
                 LIMIT %(limit)s
                   FOR UPDATE OF waiting SKIP LOCKED
            )
            UPDATE brp_exchange exchange
               SET attempts = exchange.attempts + 1,
                   last_attempt = %(now)s,
                   next_attempt = %(grace)s,
                   sending = TRUE,
                   unsure = TRUE
              FROM due
             WHERE exchange.id = due.id
         RETURNING exchange.id, exchange.connection_id, exchange.operation, exchange.alone,
                   due.unsure, due.next_attempt
            """,
            now=now,
            grace=now + timedelta(seconds=self._get_grace()),
            condition=condition,
            limit=limit,
        )
        self.env.cr.execute(query, log_exceptions=False)
        return sorted(self.env.cr.dictfetchall(), key=lambda row: (row["next_attempt"], row["id"]))

    @api.model
    def _commit(self, work):
        """Do something to the database and commit it, anew as often as another process came in between.

        :return: what it returned
        """
        for tries_left in reversed(range(_TRIES)):
            try:
                result = work()
                self.env.cr.commit()  # pylint: disable=invalid-commit
            except (ConcurrencyError, TransactionRollbackError):
                self.env.cr.rollback()
                if not tries_left:
                    raise
                time.sleep(random.uniform(0, 0.02))
            else:
                break
        return result

    @api.model
    def _get_grace(self):
        """Return for how many seconds an exchange that somebody sends is left alone by all others."""
        return int(self.env["ir.config_parameter"].sudo().get_param("brp_connector.grace", GRACE))

    def _attempt(self, look_up):
        """Send the exchanges, or learn that they have arrived before, and commit what came of each.

        :param look_up: whether the service may have them already
        :return: how many have had their turn; the others are sent one by one
        """
        self = self._for_its_company()
        claimed = {exchange: exchange.attempts for exchange in self}
        outcomes = {self: self._deliver(look_up)} if len(self) == 1 else self._deliver_together(look_up)
        # Whatever was written on the way is not part of the result.
        self.env.cr.rollback()
        for exchange, outcome in outcomes.items():
            exchange._put_on_record(claimed[exchange], outcome)
        return sum(not outcome.apart for outcome in outcomes.values())

    def _put_on_record(self, claimed, outcome):
        """Commit what came of an attempt."""
        self.ensure_one()
        try:
            self._commit(lambda: self._conclude(claimed, outcome))
        except OperationalError:
            raise
        except Exception as error:
            # The connector cannot do what follows; what else waits is not to suffer for it.
            self.env.cr.rollback()
            outcome.note_exception(error, self)
            self._commit(lambda: self._conclude_stopped(claimed, outcome))
            self._show_problem()

    def _for_its_company(self):
        """Return the exchange as those who look after the connection work: their company and language."""
        connection = self.connection_id
        return self.with_company(connection.company_id).with_context(lang=connection._get_language())

    def _deliver(self, look_up):
        """Talk with the service; return what came of it."""
        connection = self.connection_id
        outcome = _Outcome(unsure=look_up)
        try:
            service = connection._get_service(outcome.note_call)
            if look_up:
                outcome.delivered = connection._look_up_exchange(service, self)
            if not outcome.delivered:
                outcome.begin_sending()
                outcome.delivered = connection._send_exchange(service, self)
                if not outcome.delivered:
                    raise TypeError("_send_exchange returned nothing")
        except ServiceError as error:
            outcome.error = error
        except Exception as error:
            outcome.note_exception(error, self)
        return outcome

    def _deliver_together(self, look_up):
        """Talk with the service about several exchanges at once; return {exchange: what came of it}."""
        connection = self.connection_id
        common = _Outcome(unsure=look_up)
        results, talks = {}, False
        try:
            service = connection._get_service(common.note_call)
            talks = True
            if look_up:
                results |= connection._look_up_exchanges(service, self)
            waiting = self.filtered(lambda exchange: not results.get(exchange))
            if waiting:
                common.begin_sending()
                results |= connection._send_exchanges(service, waiting)
            if not all(isinstance(results.get(exchange), _RESULTS) for exchange in self):
                raise TypeError("_send_exchanges did not tell of each what has become of it")
        except ServiceError as error:
            common.error = error
            # One of them may be why the service refuses them all: the others are not to suffer for it.
            common.apart = error.kind != "again" and not (
                connection._concerns_all(error) or connection._is_closed_by(error)
            )
        except Exception as error:
            common.note_exception(error, self)
            # One of them may be what we stumble over, unless it is a database that has too much to do.
            common.apart = talks and not common.passing
        return {exchange: common.about(results.get(exchange)) for exchange in self}

    def _conclude(self, claimed, outcome):
        """Put on record what came of an attempt, and do what follows from it."""
        if not self._lock_own(claimed):
            return
        connection = self.connection_id
        if outcome.delivered:
            self.write(
                {
                    **outcome.describe_last_call(),
                    "state": "done",
                    "done_date": fields.Datetime.now(),
                    "reference": outcome.delivered.reference,
                    "sending": False,
                    "unsure": False,
                    "error": False,
                    "error_code": False,
                }
            )
            connection._finish_exchange(self, outcome.delivered)
            connection._note_success()
            return
        if outcome.apart:
            self._set_apart(outcome)
            return
        self._write_problem(outcome)
        connection._note_exchange_problem(self, outcome.error)

    def _conclude_stopped(self, claimed, outcome):
        """Put on record that what follows from an attempt went wrong."""
        if self._lock_own(claimed):
            self._write_problem(outcome)

    def _set_apart(self, outcome):
        """Have the exchange sent by itself, now: what it met with together with others may not concern it."""
        self.write(
            {
                **outcome.describe_last_call(),
                "sending": False,
                "unsure": outcome.may_have_arrived,
                "alone": True,
                "next_attempt": fields.Datetime.now(),
            }
        )

    def _lock_own(self, claimed):
        """Wait for who else works on the exchange; return whether it is still ours to conclude."""
        self.env.cr.execute(
            SQL("SELECT FROM brp_exchange WHERE id = %s FOR UPDATE", self.id), log_exceptions=False
        )
        # Otherwise the grace was over, and somebody else has taken it.
        return self.attempts == claimed and self.state != "done"

    def _write_problem(self, outcome):
        values = outcome.describe_last_call()
        values |= {"sending": False, "unsure": outcome.may_have_arrived, "error_code": False}
        if outcome.error:
            values |= self._assess(outcome.error)
        elif outcome.passing and self.attempts < _MOST_ATTEMPTS:
            values |= self._wait("pending") | {"error": self._describe_fault(outcome.fault)}
        else:
            values |= {
                "state": "blocked" if outcome.refusal and not outcome.delivered else "failed",
                "error": outcome.refusal or self._describe_fault(outcome.fault),
            }
        if outcome.delivered:
            values["reference"] = outcome.delivered.reference
        if self.state == "cancelled":
            values.pop("state")
        self.write(values)

    def _assess(self, error):
        """Return the values of an exchange that the service did not accept."""
        connection = self.connection_id
        told = connection._explain(error)
        goes_on = error.kind == "again" and (error.reached == "no" or self.attempts < _MOST_ATTEMPTS)
        waits_for_settings = error.kind == "settings" and connection._concerns_all(error)
        if goes_on or waits_for_settings or connection._is_closed_by(error):
            state = "pending"
        elif error.kind == "again":
            state = "failed"
            told += "\n" + self.env._(
                "It has been tried %s times: look into it, and try again by hand.", self.attempts
            )
        else:
            state = "blocked" if error.kind == "settings" else "failed"
        return self._wait(state, error.retry_after) | {"error": told, "error_code": error.code}

    def _wait(self, state, retry_after=None):
        delay = timedelta(seconds=next_delay(self.attempts, retry_after))
        return {"state": state, "next_attempt": fields.Datetime.now() + delay}

    def _show_problem(self):
        """Show what is wrong, also when the connector cannot say what that is."""
        try:
            self._commit(self.connection_id._refresh_problem)
        except OperationalError:
            raise
        except Exception as error:
            self.env.cr.rollback()
            self._log_fault(error)

    def _log_fault(self, error):
        """Log where an error of ours was raised; its text may quote what was to be sent."""
        where = "".join(traceback.format_tb(error.__traceback__))
        _logger.error(
            "Exchange %s stopped: %s\n%s", ", ".join(map(str, self.ids)), type(error).__name__, where
        )

    def _get_record(self):
        """Return what the exchange is about."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id)

    def _describe_fault(self, fault):
        return self.env._("This went wrong on our side (%s). The server's log tells where.", fault)

    def _is_on_its_way(self):
        """Return whether somebody sends it at this moment, as far as anybody knows."""
        self.ensure_one()
        return self.sending and self.next_attempt > fields.Datetime.now()

    def _check_time_left(self, seconds):
        """Stop before something is sent that others may take before the service has answered.

        For connectors that ask the service several things before they send.

        :param seconds: that the service has for its answer
        :raise ServiceError: too much time has passed; the exchanges are tried again
        """
        until = fields.Datetime.now() + timedelta(seconds=seconds)
        if any(exchange.sending and exchange.next_attempt < until for exchange in self):
            raise ServiceError("too_slow", "again", "no")

    def _retry(self):
        """Have the exchanges sent as soon as possible."""
        now = fields.Datetime.now()
        # What somebody sends at this moment is left alone by all others: it would be sent twice.
        on_its_way = self.filtered(lambda exchange: exchange._is_on_its_way())
        on_its_way.write({"state": "pending"})
        due = self - on_its_way
        due.write({"state": "pending", "next_attempt": now})
        # Who began to send it may still come back: its attempt is not to be taken for a later one.
        due.filtered(lambda exchange: not exchange.sending).write({"attempts": 0})
        if self:
            self._wake()

    # === ACTIONS === #

    def action_retry(self):
        """Send again what failed, was blocked or given up."""
        self._check_may_act()
        exchanges = self.sudo().filtered(lambda exchange: exchange.state != "done")
        exchanges.lock_for_update()
        exchanges.connection_id._write_changed({"next_try": False})
        exchanges._retry()
        exchanges.connection_id._refresh_problem()

    def action_give_up(self):
        """Leave unsent what waits or failed."""
        self._check_may_act()
        exchanges = self.sudo()
        exchanges.lock_for_update()
        done = exchanges.filtered(lambda exchange: exchange.state == "done")
        if done:
            raise UserError(self.env._("%s has been delivered.", done[0].display_name))
        exchanges.write({"state": "cancelled"})
        for exchange in exchanges:
            exchange.connection_id._give_up_exchange(exchange)
        exchanges.connection_id._refresh_problem()

    def action_open_record(self):
        """Open what the exchange is about."""
        self.ensure_one()
        record = self.res_model in self.env and self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("%s no longer exists.", self.record_name or self.key))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def _check_may_act(self):
        self.check_access("read")
        if not self.env.user.has_group("brp_connector.group_connector_user"):
            raise AccessError(self.env._("Only those who look after integrations may do this."))

    @api.autovacuum
    def _gc_old(self):
        """Delete what was delivered or given up long ago."""
        days = int(self.env["ir.config_parameter"].sudo().get_param("brp_connector.keep_days", _KEEP_DAYS))
        self.sudo().search(
            [
                ("state", "in", ("done", "cancelled")),
                ("write_date", "<", fields.Datetime.now() - timedelta(days=days)),
            ],
            limit=_GC_LIMIT,
        ).unlink()


@dataclass
class _Outcome:
    """What came of an attempt.

    :ivar unsure: whether the service may have it from an attempt before
    :ivar delivered: what the service said when it took it
    :ivar error: what the service, or the way to it, said no with
    :ivar refusal: why we did not send it, for the user
    :ivar fault: the name of an error of ours
    :ivar passing: whether the fault is the database's, and may be gone next time
    :ivar apart: whether it met with this together with others, and is to be tried by itself
    :ivar trace: of the last call; that of each would hold all that was ever answered
    :ivar waited: seconds that all calls took
    :ivar acted: whether the service has taken a call that was to send it, and that can have done something
    """

    unsure: bool = False
    delivered: Delivered | None = None
    error: ServiceError | None = None
    refusal: str | None = None
    fault: str | None = None
    passing: bool = False
    apart: bool = False
    calls: list = field(default_factory=list)
    before: int = 0
    trace: Trace | None = None
    waited: float = 0

    def begin_sending(self):
        """The service surely does not have it yet, and is now given it."""
        self.unsure = False
        self.before = len(self.calls)

    def note_call(self, trace):
        self.calls.append((trace.method, trace.status))
        self.trace = trace
        self.waited += trace.seconds

    def note_exception(self, error, exchange):
        if isinstance(error, UserError):
            self.refusal = str(error)
            return
        exchange._log_fault(error)
        self.fault = type(error).__name__
        self.passing = isinstance(error, OperationalError)

    def about(self, result):
        """Return the outcome of one of several that were sent at once.

        :param result: what the connector told of this one; None when all met with the same
        """
        own = replace(self, calls=list(self.calls))
        if isinstance(result, _RESULTS):
            own.error, own.refusal, own.fault, own.apart = None, None, None, False
        if isinstance(result, Delivered):
            own.delivered = result
        elif isinstance(result, ServiceError):
            own.error = result
        elif isinstance(result, UserError):
            own.refusal = str(result)
        return own

    @property
    def may_have_arrived(self):
        """Whether the service has to be asked for it before it is sent again."""
        if self.unsure or self.delivered or self.fault or (self.error and self.error.reached != "no"):
            return True
        # What the error tells is true of the last call only: one before may have been acted on.
        acting = [status for method, status in self.calls[self.before :] if method not in ("GET", "HEAD")]
        return any(not self.error or 200 <= (status or 0) < 300 for status in acting)

    def describe_last_call(self):
        """Return the values of an exchange that tell what was said last."""
        trace = self.trace
        if not trace:
            return {}
        return {
            "request": f"{trace.method} {trace.url}\n\n{trace.request_text or ''}".strip(),
            "answer": trace.answer_text,
            "status": trace.status,
            "seconds": trace.seconds,
        }
