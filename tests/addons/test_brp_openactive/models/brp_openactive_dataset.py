from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.brp_openactive.openactive import BookingError

from ..criteria import SCHEME, read_criteria
from ..hall import COURTS

_CANCEL = {
    "SellerRequestedCancellationSimulateAction": False,
    "SellerRequestedCancellationWithMessageSimulateAction": "The hall is closed.",
}
#: Minutes of a time, and of the two weeks that they are spread over
_LENGTH, _TWO_WEEKS = 5, 14 * 24 * 60


class OpenactiveDataset(models.AbstractModel):
    """What the test suite asks of the test interface.

    Methods raise ``BookingError`` for what is not understood.
    """

    _name = "brp.openactive.dataset"
    _description = "Data Set of the Test Suite"

    def init(self):
        self.env.cr.execute("CREATE SEQUENCE IF NOT EXISTS test_brp_openactive_time")

    @api.model
    def _clear(self, company, dataset):
        """Take the times of a data set from sale, and the orders of them from all that is told."""
        slots = self.env["brp.slot"].search(
            [("company_id", "=", company.id), ("openactive_dataset", "=", dataset), ("state", "=", "open")]
        )
        slots.state = "closed"
        orders = slots.booking_ids.channel_order_id.filtered(lambda order: order.state != "deleted")
        orders.write({"state": "deleted", "openactive_parties": False, "openactive_answer": False})
        self.env["brp.feed.change"]._note_orders(orders)

    @api.model
    def _make(self, company, dataset, asked):
        """Return a new time that is as asked for.

        :param asked: what was sent: a Slot with its criteria
        """
        use = asked.get("facilityUse") if asked.get("@type") == "Slot" else None
        kind = use.get("@type") if isinstance(use, dict) else None
        criteria = read_criteria(asked.get("test:testOpportunityCriteria"))
        if kind not in ("FacilityUse", "IndividualFacilityUse"):
            raise BookingError("OpenBookingError", "Only times of facilities can be made here.")
        if not criteria:
            raise BookingError("OpenBookingError", "These criteria are not met here.")
        self.env.cr.execute("SELECT NEXTVAL('test_brp_openactive_time')")
        [number] = self.env.cr.fetchone()
        is_single = kind == "IndividualFacilityUse"
        start = self._get_start(number, is_single, criteria)
        slot = self.env["brp.slot"].create(
            {
                "resource_id": self._find_resource(company, is_single, number).id,
                "product_id": self._find_product(company, criteria).id,
                "start": start,
                "stop": start + timedelta(minutes=_LENGTH),
                "places": 1 if is_single else criteria.places,
                "openactive_dataset": dataset,
            }
        )
        if criteria.is_full:
            slot._take_all(slot.places, {"hold": "test suite"})
        return slot

    def _get_start(self, number, is_single, criteria):
        """Return when the time starts: in one to three weeks, or before yesterday.

        Those of a court come one after the other; those that have places enough only start apart.
        """
        minutes = number // COURTS * _LENGTH if is_single else number
        spread = timedelta(minutes=minutes % _TWO_WEEKS)
        today = fields.Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return today - timedelta(days=2) - spread if criteria.is_past else today + timedelta(days=7) + spread

    def _find_resource(self, company, is_single, number):
        resources = self.env["brp.resource"].search(
            [
                ("company_id", "=", company.id),
                ("facility_id", "in", self.env["brp.connection"]._find_tills().marketplace_facility_ids.ids),
                ("places", "=" if is_single else ">", 1),
            ],
            order="id",
        )
        if not resources:
            raise BookingError("InternalApplicationError", "There is nothing to make times of.")
        return resources[number % len(resources)]

    def _find_product(self, company, criteria):
        """Return what is sold as such times, made when it is first asked for."""
        code = f"{criteria.price}/{criteria.is_cancellable}/{criteria.cancel_hours}/{criteria.opens_days}"
        # Nobody is responsible for it: whoever calls belongs to no company.
        Product = self.env["product.product"].with_context(default_responsible_id=False)
        return Product.search([("default_code", "=", code), ("company_id", "=", company.id)], limit=1) or (
            Product.create(
                {
                    "name": "Test",
                    "default_code": code,
                    "type": "service",
                    "invoice_policy": "order",
                    "is_slot": True,
                    "list_price": criteria.price,
                    "company_id": company.id,
                    "slot_cancellable": criteria.is_cancellable,
                    "slot_cancel_hours": criteria.cancel_hours,
                    "slot_opens_days": criteria.opens_days,
                    "taxes_id": [(6, 0, self._find_vat(company).ids)],
                }
            )
        )

    def _find_vat(self, company):
        """Return the VAT of sport, 6 %, as prices include it; made from the ordinary one if need be."""
        Tax = self.env["account.tax"]
        asked = [
            ("company_id", "=", company.id),
            ("type_tax_use", "=", "sale"),
            ("amount_type", "=", "percent"),
            ("amount", "=", 6),
            ("price_include", "=", True),
        ]
        return Tax.search(asked, limit=1) or company.account_sale_tax_id.copy(
            {"name": "Test 6 %", "amount": 6, "price_include_override": "tax_included"}
        )

    @api.model
    def _act(self, company, action):
        """Do what a seller does.

        :param action: what was sent: its type, and the Order that it is about
        """
        name = str(action.get("@type")).removeprefix("test:").removeprefix(SCHEME)
        about = action.get("object")
        if name not in _CANCEL or not isinstance(about, dict):
            raise BookingError("OpenBookingError", "This action cannot be done here.")
        prefix = company._get_openactive_ids().order("")
        uuid = str(about.get("@id")).removeprefix(prefix)
        orders = self.env["brp.channel.order"].search(
            [("company_id", "=", company.id), ("uuid", "=", uuid), ("state", "=", "booked")]
        )
        if not orders:
            raise BookingError("UnknownOrderError")
        orders.booking_ids._cancel("facility", _CANCEL[name])
