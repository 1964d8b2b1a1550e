from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from .. import bas

# In the order of the steps of the activation.
_SEQUENCE = {"payment_method": 10, "vat": 20, "product_group": 30, "other": 40}


class AccountingMapping(models.Model):
    """The account number that the other system uses for something booked in Odoo.

    A row's ``key`` is what a journal item is classified as; the query of the day close makes the same text:

    =======================  ==================================================================
    ``event:tip``            items of products booked as an event, and cash rounding
    ``vat:sale:25``          tax items, by use and rate
    ``group:7:25``           income items of a product group (0: none) with a VAT rate
    ``account:12``           all other items, by their account: payment methods, receivables, fees
    =======================  ==================================================================
    """

    _name = "brp.accounting.mapping"
    _description = "Account Mapping"
    _order = "sequence, name, id"

    connection_id = fields.Many2one("brp.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("payment_method", "Payment method"),
            ("vat", "VAT rate"),
            ("product_group", "Product group"),
            ("other", "Other event"),
        ],
        required=True,
        readonly=True,
    )
    key = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, readonly=True)
    code = fields.Char(string="Account", help="The number in the other system's chart of accounts.")
    code_name = fields.Char(string="Account Name", readonly=True, help="What the other system calls it.")
    proposed_code = fields.Char(
        readonly=True, help="A number that may be right. It is not used before somebody has said so."
    )
    proposed_name = fields.Char(readonly=True, help="What the other system calls the number proposed.")
    proposal = fields.Char(compute="_compute_proposal")
    account_id = fields.Many2one(
        "account.account", string="Account in Odoo", readonly=True, ondelete="set null"
    )
    category_id = fields.Many2one("product.category", readonly=True, ondelete="set null")
    rate = fields.Char(string="VAT %", readonly=True)

    _key_unique = models.UniqueIndex("(connection_id, key)")

    @api.model
    def _get_events(self):
        """Return {event: its name} of what is booked on an account of its own, whatever is sold."""
        return {
            "tip": self.env._("Tips"),
            "gift_card": self.env._("Gift cards"),
            "deposit": self.env._("Deposits"),
            "fee": self.env._("Fees"),
            "rounding": self.env._("Rounding"),
        }

    # Not on the number chosen: that would ask the server at each one that is typed.
    @api.depends("proposed_code", "proposed_name")
    def _compute_proposal(self):
        for mapping in self:
            mapping.proposal = " ".join(filter(None, (mapping.proposed_code, mapping.proposed_name)))

    @api.constrains("code")
    def _check_code(self):
        for mapping in self:
            code = mapping.code
            if code and not (code.isascii() and code.isdigit() and len(code) <= 6):
                raise ValidationError(
                    self.env._(
                        "%(code)s is no account number: write one to six digits. (%(name)s)",
                        code=code,
                        name=mapping.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["code"] = _clean(vals.get("code"))
            vals.setdefault("sequence", _SEQUENCE[vals["kind"]])
        mappings = super().create(vals_list)
        mappings.filtered("code").connection_id._note_mapping_changed()
        return mappings

    def write(self, vals):
        self.env["brp.connection"].browse(vals.get("connection_id")).check_access("write")
        if "code" in vals:
            # What the other system calls the number that was there before is not what it calls this one.
            vals = {"code_name": False, **vals, "code": _clean(vals["code"])}
            vals |= {"proposed_code": False, "proposed_name": False}
        done = super().write(vals)
        if "code" in vals:
            self.connection_id._note_mapping_changed()
        return done

    def action_use_proposal(self):
        """Take the numbers that are proposed; what waited for them is exported.

        :raise UserError: the other system has no such open account any more
        """
        for connection, mappings in self.filtered("proposal").grouped("connection_id").items():
            connection.accounting_mapping_ids = [
                Command.update(
                    mapping.id, {"code": mapping.proposed_code, "code_name": mapping.proposed_name}
                )
                for mapping in mappings
            ]

    def _propose_code(self, key, account=None, own=None, there=None):
        """Return the account number to propose for a key, or nothing.

        :param account: the Odoo account, when the key is of one
        :param own: {key: number} that the other system itself proposes
        :param there: numbers that the other system has, when that is known: others are not proposed
        """
        candidates = [(own or {}).get(key), *self._get_usual_codes(key, account)]
        return next((code for code in candidates if code and (not there or code in there)), False)

    def _get_usual_codes(self, key, account=None):
        """Return the account numbers that are usual for a key, the best first."""
        kind, _colon, rest = key.partition(":")
        if kind == "event":
            return [bas.EVENTS.get(rest)]
        if kind == "group":
            return [bas.SALES.get(rest.rpartition(":")[2])]
        if kind == "vat":
            use, _colon, rate = rest.partition(":")
            return [bas.OUTPUT_VAT.get(rate)] if use == "sale" else bas.INPUT_VAT
        code = (account.code or "") if account else ""
        codes = [code] if code.isascii() and code.isdigit() and len(code) <= 6 else []
        if account and account.account_type == "asset_cash":
            codes += next((usual for start, usual in bas.MONEY.items() if code.startswith(start)), bas.BANK)
        return codes


def _clean(code):
    """Return an account number as it is typed, without spaces."""
    return "".join((code or "").split())
