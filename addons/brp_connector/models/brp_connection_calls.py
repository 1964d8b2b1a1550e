from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .at_once import own_transaction


class ConnectionCalls(models.Model):
    """How many calls there have been over a connection in a period, counted over all processes."""

    _name = "brp.connection.calls"
    _description = "Calls of a Connection"
    _log_access = False

    connection_id = fields.Many2one("brp.connection", required=True, ondelete="cascade")
    begins = fields.Datetime(required=True)
    calls = fields.Integer(required=True)

    _once = models.UniqueIndex("(connection_id, begins)")

    @api.model
    def _count(self, connection, seconds):
        """Count a call at once, whatever becomes of the transaction.

        :param seconds: how long a period is; it divides a day
        :return: (how many there have been in this period, the seconds until the next one begins)
        """
        now = fields.Datetime.now()
        since_midnight = (now - datetime.combine(now, datetime.min.time())).total_seconds()
        begins = now - timedelta(seconds=since_midnight % seconds)
        with own_transaction(self.env) as env:
            # To lose the count in a power failure does not matter: so the disk is not waited for.
            env.cr.execute("SET LOCAL synchronous_commit TO OFF")
            env.cr.execute(
                SQL(
                    """
                    INSERT INTO brp_connection_calls AS counted (connection_id, begins, calls)
                    VALUES (%s, %s, 1)
               ON CONFLICT (connection_id, begins) DO UPDATE SET calls = counted.calls + 1
                 RETURNING calls
                    """,
                    connection.id,
                    begins,
                )
            )
            [calls] = env.cr.fetchone()
        return calls, (begins + timedelta(seconds=seconds) - now).total_seconds()

    @api.autovacuum
    def _gc_calls(self):
        self.search([("begins", "<", fields.Datetime.now() - timedelta(days=1))]).unlink()
