from odoo import api, fields, models

_BATCH = 100


class Booking(models.Model):
    """Telling the facility what others than its own desk have sold, or cancelled.

    Mail is made by a job: who books does not wait for it, whatever the mail server does.
    """

    _inherit = "brp.booking"

    notice = fields.Selection(
        [("sold", "Sold"), ("cancelled", "Cancelled")],
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="What the facility is still to be told of.",
    )

    def _note_sold(self):
        """Have the facility told of bookings that somebody else made."""
        self._note("sold")

    def _note_cancelled(self):
        super()._note_cancelled()
        self.filtered(lambda booking: booking.cancelled_by == "customer")._note("cancelled")

    def _note(self, notice):
        to_tell = self.filtered(
            lambda booking: (
                booking.source != "desk"
                and booking.facility_id.email
                and (not booking.connection_id or booking.connection_id.marketplace_mail_facility)
            )
        )
        if to_tell:
            to_tell.notice = notice
            self.env.ref("brp_marketplace.cron_tell")._trigger()

    @api.model
    def _cron_tell(self):
        """Tell facilities by e-mail what has been sold and cancelled."""
        waiting = self.search([("notice", "!=", False)], order="id")
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(waiting))
        template = self.env.ref("brp_marketplace.mail_template_notice")
        while waiting:
            batch = waiting[:_BATCH].try_lock_for_update().filtered("notice")
            waiting = waiting[_BATCH:]
            if batch:
                template.send_mail_batch(batch.ids)
                batch.notice = False
            if not progress._commit_progress(_BATCH, remaining=len(waiting)):
                break
