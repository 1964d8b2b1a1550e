from odoo import fields, models
from odoo.exceptions import UserError


class PosConfig(models.Model):
    """A till's day reports are numbered, and its entry can be made when it is closed."""

    _inherit = "pos.config"

    z_last = fields.Integer(string="Last Z Report", readonly=True, copy=False)

    def _take_z_number(self):
        """Return the next number of the till's day reports.

        It is written with the session that is closed: who closes another one at the same time is done anew.
        """
        self.ensure_one()
        self.z_last += 1
        return self.z_last

    def _check_before_creating_new_session(self):
        """Override of ``point_of_sale``: refuse what Odoo would stumble over when the session is closed."""
        self._check_drawer_account()
        return super()._check_before_creating_new_session()

    def _check_drawer_account(self):
        """Refuse a drawer on the account that payments go through: the Swedish chart has 1910 for both."""
        for method in self.sudo().payment_method_ids.filtered("is_cash_count"):
            between = (
                method.receivable_account_id or self.company_id.account_default_pos_receivable_account_id
            )
            if between and between == method.journal_id.default_account_id:
                raise UserError(
                    self.env._(
                        "%(till)s: the drawer %(method)s is on %(account)s, which is also the account that"
                        " payments of tills go through, so that its entry could not be made. Choose a"
                        " receivable account, as 1580, as Intermediary Account of the payment method.",
                        till=self.name,
                        method=method.name,
                        account=f"{between.with_company(self.company_id).code} {between.name}",
                    )
                )
