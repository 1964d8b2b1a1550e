from odoo import api, fields, models


class Connection(models.Model):
    _inherit = "brp.connection"

    openactive_address = fields.Char(
        string="Data Set",
        compute="_compute_openactive_address",
        help="Where the marketplace finds times and learns how to book.",
    )
    openactive_leases = fields.Boolean(
        string="Hold Times While Customers Decide",
        help="From when the marketplace has told who the customer is.",
    )
    openactive_lease_minutes = fields.Integer(string="Hold For", default=10, help="In minutes.")
    openactive_rate = fields.Integer(
        string="Calls per Minute", default=600, help="What the marketplace asks more often is refused."
    )

    _openactive_limits = models.Constraint(
        "CHECK(openactive_lease_minutes BETWEEN 1 AND 60 AND openactive_rate BETWEEN 1 AND 100000)",
        "Times are held for 1 to 60 minutes; from 1 to 100 000 calls a minute are answered.",
    )

    @api.depends("company_id")
    def _compute_openactive_address(self):
        for connection in self:
            is_till = connection.provider == "marketplace"
            connection.openactive_address = is_till and connection.company_id._get_openactive_ids().base

    @api.model
    def _find_tills(self):
        """Return the online tills that are open."""
        return self.search([("provider", "=", "marketplace"), ("state", "=", "active")])

    def _activate(self):
        done = super()._activate()
        # What it lacks to be of any use is told at once.
        self.filtered(lambda own: own.provider == "marketplace")._refresh_problem()
        return done

    def _find_problem(self):
        problem = super()._find_problem()
        if problem or self.provider != "marketplace":
            return problem
        publishers = [self.company_id, *self.marketplace_facility_ids]
        gaps = [publisher._find_openactive_gaps() for publisher in publishers]
        return "\n".join(filter(None, gaps)) or False

    def write(self, vals):
        served = {"state", "marketplace_facility_ids", "marketplace_horizon"} & vals.keys()
        before = self.marketplace_facility_ids
        done = super().write(vals)
        tills = self.filtered(lambda own: own.provider == "marketplace")
        if served and tills:
            tills.filtered(lambda till: till.state == "active").company_id._begin_to_publish()
            (before | tills.marketplace_facility_ids).sudo()._note_all()
        return done

    def _publish(self):
        """Have all told of what online tills sell, from now on."""
        self.company_id._begin_to_publish()
        self.marketplace_facility_ids.sudo()._note_all()
