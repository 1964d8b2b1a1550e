import time
from datetime import timedelta

from odoo import SUPERUSER_ID, api, models

from odoo.addons.queue_job.utils import must_run_without_delay

# A job that goes on for longer makes room for others: Odoo ends a request after limit_time_real, 120 seconds.
_SECONDS = 30
# Less urgent than queue_job's 10: what has a job of its own has been sent when this one comes.
_LAST = 20


class Exchange(models.Model):
    """Exchanges are sent by jobs; who sends them takes them just as the scheduled action does.

    A job takes what has waited longest, whatever it was made for: it is no more than an occasion. So it
    does not matter which jobs there are, who runs them and how often, nor that the scheduled action runs too.
    """

    _inherit = "brp.exchange"

    @api.model_create_multi
    def create(self, vals_list):
        exchanges = super().create(vals_list)
        if not must_run_without_delay(self.env):
            exchanges._delay_turns()
        return exchanges

    def _delay_turns(self):
        """Make a job for each call that the services will get."""
        alike = self.grouped(lambda exchange: (exchange.connection_id, exchange.operation))
        for (connection, operation), exchanges in alike.items():
            for exchange in exchanges[:: connection._get_batch_size(operation)]:
                exchange._delay(identity_key=f"brp_exchange {exchange.id}")._send_in_job()

    @api.model
    def _wake(self, at=None):
        if must_run_without_delay(self.env):
            return super()._wake(at)
        if at:
            # One job a minute is enough, and it comes after all that was to be due in it.
            at = (at + timedelta(minutes=1, microseconds=-1)).replace(second=0, microsecond=0)
            key = at.isoformat(" ")
        else:
            # Another transaction's job may begin before this one is committed, and see nothing of it.
            self.env.cr.execute("SELECT pg_current_xact_id()::text")
            [key] = self.env.cr.fetchone()
        queue = self.browse()._delay(eta=at, priority=_LAST, identity_key=f"brp_exchange at {key}")
        return queue._send_in_job(_SECONDS)

    def _delay(self, **properties):
        """Return the records as those of which a method is called in a job, as the scheduled action works."""
        records = self.with_env(self.env(user=SUPERUSER_ID, context={}))
        return records.with_delay(description=self.env._("Integrations: send what waits"), **properties)

    def _send_in_job(self, seconds=0):
        """Send what has waited longest, and go on with others for so many seconds.

        queue_job holds a lock in the transaction of a job, by which it sees that the job is not dead: what is
        committed on the way is committed in a transaction of its own.
        """
        until = time.monotonic() + seconds
        with self.env.registry.cursor() as cr:
            queue = self.browse().with_env(self.env(cr=cr))
            while True:
                exchanges, look_up = queue._claim()
                if not exchanges:
                    queue._wake_when_due()
                    break
                concluded = exchanges._attempt(look_up)
                if time.monotonic() >= until:
                    queue._wake_for_more(exchanges, seconds or concluded < len(exchanges))
                    break

    def _wake_for_more(self, exchanges, at_once):
        """Have the next job made, if what is left has none."""
        if at_once:
            self._wake()
        elif "pending" in exchanges.mapped("state"):
            self._wake_when_due()
