from collections import defaultdict
from datetime import timedelta

from odoo import Command, fields, models
from odoo.exceptions import UserError

from . import ledger

_JOURNALS = ("sale", "cash", "bank", "credit", "general")


class Connection(models.Model):
    """The accounts of the other system: for what there is a row, and what it proposes."""

    _inherit = "brp.connection"

    accounting_mapping_ids = fields.One2many("brp.accounting.mapping", "connection_id")
    accounting_proposal_count = fields.Integer(compute="_compute_accounting_proposal_count")
    accounting_dimension_ids = fields.One2many("brp.accounting.dimension", "connection_id")

    def _get_accounting_journals(self):
        """Return the journals that are exported."""
        self.ensure_one()
        chosen = self.sudo().with_context(active_test=False).accounting_journal_ids
        return chosen or self._get_usual_journals()

    def _get_usual_journals(self):
        """Return the journals that are exported unless others are chosen: all but those of vendor bills."""
        self.ensure_one()
        return (
            self.env["account.journal"]
            .sudo()
            .with_context(active_test=False)
            .search([("company_id", "=", self.company_id.id), ("type", "in", _JOURNALS)])
        )

    def _get_apart_journals(self):
        """Return the journals whose entries have a voucher each, instead of one for all of a day."""
        self.ensure_one()
        chosen = self.sudo().with_context(active_test=False).accounting_apart_journal_ids
        usual = self.env["account.chart.template"].sudo().with_company(self.company_id)
        return chosen or usual.ref("general", raise_if_not_found=False) or chosen

    def write(self, vals):
        done = super().write(vals)
        typed = [
            command[1]
            for command in vals.get("accounting_mapping_ids") or ()
            if command[0] == Command.UPDATE and command[2].get("code")
        ]
        if typed and self.state == "active":
            try:
                names = self._get_account_names()
            except UserError:
                names = {}  # it cannot be asked now: before a voucher is sent, it is
            self._check_accounts(self.env["brp.accounting.mapping"].browse(typed), names)
        return done

    def _note_mapping_changed(self):
        """Try again what was stopped for want of an account: held days, and vouchers that were refused."""
        active = self.filtered(lambda connection: connection.state == "active").sudo()
        if not active:
            return
        lines = active._find_correctable().line_ids.filtered("mapping_id.code")
        lines._follow("code", lambda line: line.mapping_id.code)
        for connection in active:
            if all(connection.accounting_mapping_ids.mapped("code")):
                connection.activity_unlink(["mail.mail_activity_data_todo"])
        active._try_again()

    def _note_dimension_changed(self, kind, old, new):
        """Try again what was refused for a cost centre or project that the other system does not have."""
        active = self.filtered(lambda connection: connection.state == "active").sudo()
        lines = active._find_correctable().line_ids.filtered(lambda line: line[kind] == old)
        lines._follow(kind, lambda line: new)
        active._try_again()

    def _note_series_changed(self):
        """Try again what was refused for a series that the other system does not have."""
        active = self.filtered(lambda connection: connection.state == "active").sudo()
        for voucher in active._find_correctable():
            voucher.series = voucher.connection_id.accounting_series
        active._try_again()

    def _find_correctable(self):
        """Return the vouchers that the other system surely does not have: refused, or never sent.

        Nobody sends them before this transaction is over.
        """
        waiting = (
            self.env["brp.exchange"]
            .sudo()
            .search(
                [
                    ("connection_id", "in", self.ids),
                    ("res_model", "=", "brp.accounting.voucher"),
                    ("state", "in", ("pending", "blocked")),
                ]
            )
        )
        # What was refused is not there, and what has never been sent neither.
        waiting = waiting.filtered(lambda exchange: exchange.state == "blocked" or not exchange.unsure)
        waiting = waiting.try_lock_for_update()
        vouchers = self.env["brp.accounting.voucher"].sudo().browse(waiting.mapped("res_id"))
        return vouchers.filtered(lambda voucher: voucher.state in ("waiting", "problem"))

    def _try_again(self):
        if self:
            self._retry_blocked()
            self.env.ref("brp_accounting_export.ir_cron_close").sudo()._trigger()

    def _prepare_mapping(self):
        """Make the rows of the mapping for all that is in use, with numbers for a person to look at."""
        self.ensure_one()
        made = self._add_mapping(self._find_keys_in_use(), propose=True)
        older = (self.sudo().accounting_mapping_ids - made).filtered(lambda mapping: not mapping.code)
        proposals = self._find_proposals({mapping.key: mapping.account_id for mapping in older})
        for mapping in older.filtered(lambda mapping: mapping.key in proposals):
            code, name = proposals[mapping.key]
            mapping.write({"code": code, "code_name": name})

    def _add_mapping(self, keys, propose=False):
        """Add the keys that have no row to the mapping.

        :param propose: whether to fill in the account number, because a person looks at it before it is used;
            otherwise it stands beside
        :return: the new rows
        """
        Mapping = self.env["brp.accounting.mapping"].sudo()
        there = set(Mapping.search([("connection_id", "=", self.id)]).mapped("key"))
        described = self._describe_keys([key for key in keys if key not in there])
        Account = self.env["account.account"].sudo()
        accounts = {key: Account.browse(values.get("account_id")) for key, values in described.items()}
        proposals = self._find_proposals(accounts) if propose else self._find_proposals_if_answered(accounts)
        columns = ("code", "code_name") if propose else ("proposed_code", "proposed_name")
        return Mapping.create(
            [
                {
                    "connection_id": self.id,
                    "key": key,
                    **dict(zip(columns, proposals.get(key, ()), strict=False)),
                    **values,
                }
                for key, values in described.items()
            ]
        )

    def _find_proposals(self, accounts):
        """Return {key: (account number, what the other system calls it)} of the keys that have a proposal.

        :param accounts: {key: Odoo account, empty when the key is not of one}
        :raise UserError: the other system cannot be asked
        """
        if not accounts:
            return {}
        Mapping = self.env["brp.accounting.mapping"]
        own = self._get_own_proposals()
        names = self._get_account_names()
        codes = {
            key: Mapping._propose_code(key, account.with_company(self.company_id), own, names.keys())
            for key, account in accounts.items()
        }
        return {key: (code, names.get(code)) for key, code in codes.items() if code}

    def _find_proposals_if_answered(self, accounts):
        """Return the same, or nothing while the other system cannot be asked."""
        try:
            return self._find_proposals(accounts)
        except UserError:
            return {}

    def _refresh_proposals(self):
        """Propose anew for the rows without a number: the other system may have the account by now."""
        rows = self.sudo().accounting_mapping_ids.filtered(lambda mapping: not mapping.code)
        proposals = self._find_proposals_if_answered({row.key: row.account_id for row in rows})
        for row in rows.filtered(lambda row: row.key in proposals):
            code, name = proposals[row.key]
            row.write({"proposed_code": code, "proposed_name": name})

    def _compute_accounting_proposal_count(self):
        counts = dict(
            self.env["brp.accounting.mapping"]._read_group(
                [("connection_id", "in", self.ids), ("proposed_code", "!=", False)],
                ["connection_id"],
                ["__count"],
            )
        )
        for connection in self:
            connection.accounting_proposal_count = counts.get(connection, 0)

    def action_use_proposals(self):
        """Take all account numbers that are proposed."""
        self._check_manager()
        self.accounting_mapping_ids.action_use_proposal()

    def _find_keys_in_use(self):
        """Return the keys of what the company sells, gets paid by and has booked lately."""
        self.ensure_one()
        self.env.flush_all()
        company = self.company_id.sudo()
        keys = [f"event:{event}" for event in self.env["brp.accounting.mapping"]._get_events()]
        lines = (
            self.env["account.payment.method.line"]
            .sudo()
            .search(
                [("company_id", "=", company.id), ("journal_id", "in", self._get_accounting_journals().ids)]
            )
        )
        accounts = lines.payment_account_id | self._get_accounting_journals().default_account_id.filtered(
            lambda account: account.account_type in ("asset_cash", "liability_credit_card")
        )
        keys += [f"account:{account.id}" for account in accounts]
        receivable = self.env["ir.default"]._get(
            "res.partner", "property_account_receivable_id", company_id=company.id
        )
        keys += [f"account:{receivable}"] if receivable else []
        taxes = (
            self.env["account.tax"]
            .sudo()
            .search(
                [
                    *self.env["account.tax"]._check_company_domain(company),
                    ("type_tax_use", "=", "sale"),
                    ("amount_type", "=", "percent"),
                    ("amount", ">", 0),
                ]
            )
        )
        keys += [f"vat:sale:{tax.amount:g}" for tax in taxes]
        products = (
            self.env["product.template"]
            .sudo()
            .search(
                [
                    ("sale_ok", "=", True),
                    ("accounting_event", "=", False),
                    ("company_id", "in", (False, company.id)),
                ]
            )
        )
        for product in products:
            taxes = product.taxes_id.filtered(lambda tax: tax.company_id == company)
            rate = sum(tax.amount for tax in taxes if tax.amount_type == "percent")
            keys.append(f"group:{product.categ_id.id or 0}:{rate:g}")
        keys += ledger.find_booked_keys(
            self.env.cr,
            company,
            self._get_accounting_journals(),
            fields.Date.today() - timedelta(days=365),
        )
        return list(dict.fromkeys(keys))

    def _describe_keys(self, keys):
        """Return {key: values of its mapping row}."""
        events = self.env["brp.accounting.mapping"]._get_events()
        parts = {key: key.split(":") for key in keys}
        accounts = {
            account.id: account
            for account in self.env["account.account"]
            .sudo()
            .with_company(self.company_id)
            .browse(int(part[1]) for part in parts.values() if part[0] == "account")
        }
        groups = {
            group.id: group
            for group in self.env["product.category"]
            .sudo()
            .browse(int(part[1]) for part in parts.values() if part[0] == "group" and part[1] != "0")
        }
        methods = self._get_methods_of_accounts()
        described = {}
        for key, (kind, first, *rest) in parts.items():
            if kind == "event":
                values = {"kind": "other", "name": events[first]}
            elif kind == "vat":
                rate = rest[0]
                name = (
                    self.env._("Output VAT %s %%", rate)
                    if first == "sale"
                    else self.env._("Input VAT %s %%", rate)
                )
                values = {"kind": "vat", "name": name, "rate": rate}
            elif kind == "group":
                group = groups.get(int(first))
                values = {
                    "kind": "product_group",
                    "name": self.env._(
                        "%(group)s, %(rate)s %%",
                        group=group.complete_name if group else self.env._("No product group"),
                        rate=rest[0],
                    ),
                    "category_id": group and group.id,
                    "rate": rest[0],
                }
            else:
                account = accounts[int(first)]
                names = methods.get(account.id)
                values = {
                    "kind": "payment_method" if names else "other",
                    "name": ", ".join(names) if names else account.display_name,
                    "account_id": account.id,
                }
            described[key] = values
        return described

    def _get_methods_of_accounts(self):
        """Return {account id: names of the payment methods and journals that are booked on it}."""
        names = defaultdict(dict)
        journals = self._get_accounting_journals().filtered(lambda journal: journal.type != "sale")
        for journal in journals:
            if journal.default_account_id.account_type in ("asset_cash", "liability_credit_card"):
                names[journal.default_account_id.id][journal.name] = True
            for line in journal.inbound_payment_method_line_ids | journal.outbound_payment_method_line_ids:
                account = line.payment_account_id
                if account and account != journal.default_account_id:
                    names[account.id][f"{journal.name}: {line.name}"] = True
        return {account: list(of_account) for account, of_account in names.items()}
