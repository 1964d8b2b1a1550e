from odoo import Command, api, fields, models
from odoo.exceptions import UserError

_PAYMENT = ("reference", "name", "account", "provider")


class ChannelOrder(models.Model):
    """What a marketplace has sold at once, by the name that it gave it: known again when it comes twice."""

    _name = "brp.channel.order"
    _description = "Order of a Marketplace"
    _order = "id desc"
    _rec_name = "uuid"
    _check_company_auto = True

    connection_id = fields.Many2one("brp.connection", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one(related="connection_id.company_id", store=True, precompute=True, index=True)
    uuid = fields.Char(string="Marketplace's Number", required=True, readonly=True)
    state = fields.Selection(
        [("booked", "Booked"), ("deleted", "Deleted")], default="booked", required=True, readonly=True
    )
    order_id = fields.Many2one("sale.order", readonly=True, index="btree_not_null", ondelete="restrict")
    booking_ids = fields.One2many("brp.booking", "channel_order_id", readonly=True)
    payment_reference = fields.Char(
        readonly=True, help="What the marketplace calls the customer's payment: its payouts tell it."
    )
    payment_name = fields.Char(readonly=True)
    payment_account = fields.Char(readonly=True)
    payment_provider = fields.Char(readonly=True)
    amount = fields.Monetary(compute="_compute_amount", help="Of what is not cancelled.")
    currency_id = fields.Many2one(related="company_id.currency_id")

    _once = models.UniqueIndex("(connection_id, uuid)", "The marketplace has sold this already.")

    @api.depends("booking_ids.price", "booking_ids.state")
    def _compute_amount(self):
        for order in self:
            booked = order.booking_ids.filtered(lambda booking: booking.state == "booked")
            order.amount = sum(booked.mapped("price"))

    # === SELLING === #

    @api.model
    def _sell(self, connection, uuid, customer, rows, payment, **values):
        """Book what is held: order, invoice and payment of the customer's.

        :param uuid: the marketplace's name of the sale
        :param customer: who is invoiced
        :param rows: [(slot, id of ``brp.occupancy`` that is held)]
        :param payment: {"reference", "name", "account", "provider"}, what the marketplace calls its payment
        :return: the order
        """
        company = connection.company_id
        self = self.with_company(company).with_context(lang=connection._get_language())
        channel_order = self.create(
            {
                "connection_id": connection.id,
                "uuid": uuid,
                **{f"payment_{name}": payment.get(name) for name in _PAYMENT},
                **values,
            }
        )
        order = channel_order._make_order(customer, [slot for slot, _row in rows])
        for line, (slot, row) in zip(order.order_line, rows, strict=True):
            line._make_bookings(
                [row],
                connection_id=connection.id,
                channel_order_id=channel_order.id,
                commission=connection._compute_commission(slot.price),
            )
        channel_order.order_id = order
        order.with_context(booking=True).action_confirm()
        channel_order._invoice()
        channel_order.booking_ids._note_sold()
        return channel_order

    def _make_order(self, customer, slots):
        connection = self.connection_id
        quiet = {
            "mail_create_nolog": True,
            "mail_create_nosubscribe": True,
            "mail_notrack": True,
            "tracking_disable": True,
        }
        return (
            self.env["sale.order"]
            .with_context(**quiet)
            .create(
                {
                    "partner_id": customer.id,
                    "company_id": self.company_id.id,
                    "origin": connection.name,
                    "client_order_ref": self.payment_reference or self.uuid,
                    "booking_source": "channel",
                    "pricelist_id": False,
                    "payment_term_id": False,
                    # What was shown to the customer is what is charged: no other VAT for some customers.
                    "fiscal_position_id": False,
                    "require_payment": False,
                    "require_signature": False,
                    "user_id": False,
                    "order_line": [Command.create(slot._prepare_order_line()) for slot in slots],
                }
            )
        )

    def _invoice(self):
        """Invoice the order and have it paid by the marketplace's payment method."""
        self.ensure_one()
        order = self.order_id
        if not order.amount_total:
            return
        agreed = sum(line.slot_id.price for line in order.order_line)
        if not order._is_agreed(order.amount_total, agreed, len(order.order_line)):
            raise UserError(
                self.env._(
                    "The order comes to %(order)s, the times are sold for %(agreed)s.",
                    order=order.currency_id.format(order.amount_total),
                    agreed=order.currency_id.format(agreed),
                )
            )
        invoice = order._create_invoices()
        invoice.invoice_date = fields.Date.context_today(
            self.with_context(tz=order.order_line.slot_id.facility_id[:1].tz)
        )
        invoice._post(soft=False)
        order._pay_document(invoice, self.connection_id, self._get_reference(), agreed)

    def _get_reference(self):
        return self.payment_reference or self.uuid
