from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL


class OpenactiveCalls(models.Model):
    """How many calls a marketplace has made in a minute, counted over all processes."""

    _name = "brp.openactive.calls"
    _description = "Calls of a Marketplace"
    _log_access = False

    connection_id = fields.Many2one("brp.connection", required=True, ondelete="cascade")
    minute = fields.Datetime(required=True)
    calls = fields.Integer(required=True)

    _once = models.UniqueIndex("(connection_id, minute)")

    @api.model
    def _count(self, connection):
        """Count a call; return how many there have been this minute."""
        minute = fields.Datetime.now().replace(second=0, microsecond=0)
        with self.env["brp.occupancy"]._at_once() as own:
            # To lose the count in a power failure does not matter: so the disk is not waited for.
            own.env.cr.execute("SET LOCAL synchronous_commit TO OFF")
            own.env.cr.execute(
                SQL(
                    """
                    INSERT INTO brp_openactive_calls AS counted (connection_id, minute, calls)
                    VALUES (%s, %s, 1)
               ON CONFLICT (connection_id, minute) DO UPDATE SET calls = counted.calls + 1
                 RETURNING calls
                    """,
                    connection.id,
                    minute,
                )
            )
            [calls] = own.env.cr.fetchone()
        return calls

    @api.autovacuum
    def _gc_calls(self):
        self.search([("minute", "<", fields.Datetime.now() - timedelta(hours=1))]).unlink()
