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
        help="What the facility, or the customer, is still to be told of.",
    )

    def _note_sold(self):
        """Have the facility told of bookings that somebody else made."""
        self._note("sold")

    def _note_cancelled(self):
        self.filtered(lambda booking: booking.cancelled_by == "customer")._note("cancelled")
        return super()._note_cancelled()

    def _note(self, notice):
        to_tell = self.filtered(lambda booking: booking._is_facility_told() or booking._is_customer_told())
        if to_tell:
            to_tell.sudo().notice = notice
            self.env.ref("brp_marketplace.cron_tell")._trigger()

    def _is_facility_told(self):
        till = self.connection_id
        told = not till or till.marketplace_mail_facility
        return bool(self.source != "desk" and self.facility_id.email and told)

    def _is_customer_told(self):
        """Return whether we send the receipt of what a marketplace has sold; our page sends its own."""
        return bool(self.connection_id.marketplace_mail_customer)

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
                if told := batch.filtered(lambda booking: booking._is_facility_told()):
                    template.send_mail_batch(told.ids)
                    # Else it waits for the queue's next hour: the court may be in use by then.
                    self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
                for order in batch.filtered(lambda booking: booking._is_customer_told()).order_id:
                    order._mail_booking()
                batch.sudo().notice = False
            if not progress._commit_progress(_BATCH, remaining=len(waiting)):
                break
