from odoo import api, models
from odoo.exceptions import UserError


class PosOrder(models.Model):
    """A plan that is collected by Autogiro asks for the bank account of a customer without a mandate."""

    _inherit = "pos.order"

    def _describe_plans(self, plans):
        without = any(plans.mapped("autogiro")) and bool(self.sudo()._get_customers_without_mandate())
        number = (without and self.partner_id.sudo().personal_number_masked) or ""
        return [
            described
            | {
                "asks_for_mandate": plan.autogiro and without,
                "personal_number": number if plan.autogiro else "",
            }
            for plan, described in zip(plans, super()._describe_plans(plans), strict=True)
        ]

    @api.model
    def check_mandate(self, account, number):
        """Return what is wrong with a bank account and a personal number as they are typed, or nothing.

        :return: {"account": text or nothing, "number": likewise}
        """
        self.check_access("create")
        Mandate = self.env["brp.autogiro.mandate"].sudo()
        warnings = {
            "account": Mandate._warn_of_account(account),
            "number": Mandate._warn_of_holder_number(number),
        }
        return {name: told["warning"]["message"] if told else "" for name, told in warnings.items()}

    def _prepare_to_sell(self, plan, told):
        """Ask the bank for a mandate, with the account that the customer has given."""
        without = plan.autogiro and self.sudo()._get_customers_without_mandate()
        if without and not told.get("mandate_later"):
            self._request_mandate(told.get("mandate_account"), told.get("mandate_number"))
        return super()._prepare_to_sell(plan, told)

    def _request_mandate(self, account, number):
        customer = self.partner_id
        if not account:
            raise UserError(
                self.env._(
                    "%s has no Autogiro mandate. Enter the bank account and personal number, or tick"
                    " that the mandate comes later.",
                    customer.name,
                )
            )
        # The till's own rights do not reach bank accounts: what is typed here goes into the mandate alone.
        values = {"partner_id": customer.id, "holder_id": customer.id, "company_id": self.company_id.id}
        values["shown_account"] = account
        if number and "*" not in str(number):
            values["shown_holder_number"] = number
        mandate = self.env["brp.autogiro.mandate"].sudo().create(values)
        mandate.action_request()
        mandate._keep_personal_number()
