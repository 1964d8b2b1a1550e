from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import SevenCommon


@tagged("post_install", "-at_install")
class TestSendDialog(SevenCommon):
    """Odoo's own dialog hands data for accounting over; an invoice is mailed as ever."""

    def setUp(self):
        super().setUp()
        self.activate()

    def mails_of(self, move):
        return move.message_ids.filtered(lambda message: message.message_type == "email_outgoing") | (
            move.message_ids.filtered(lambda message: message.partner_ids)
        )

    def open(self, move):
        return (
            self.env["account.move.send.wizard"]
            .with_user(self.clerk)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({})
        )

    def test_one_is_handed_over(self):
        move = self.invoice()
        dialog = self.open(move)
        self.assertEqual(dialog.extra_edis, ["24seven"])
        self.assertNotIn("email", dialog.sending_methods or [])
        dialog.action_send_and_print()
        self.run_jobs()
        self.assertEqual(move.seven_state, "order")
        self.assertFalse(self.mails_of(move))
        self.assertEqual(len(self.orders), 1)

    def test_an_invoice_is_mailed(self):
        move = self.invoice(seven_type="invoice")
        dialog = self.open(move)
        self.assertFalse(dialog.extra_edis)
        self.assertIn("email", dialog.sending_methods)
        dialog.action_send_and_print()
        self.run_jobs()
        self.assertTrue(self.mails_of(move))
        self.assertEqual((move.seven_state, self.orders), (False, []))

    def test_who_may_not_hand_over(self):
        seller = self.make_user("seven_desk", "sales_team.group_sale_salesman_all_leads")
        move = self.invoice(invoice_user_id=seller.id)
        dialog = self.env["account.move.send.wizard"].with_user(seller)
        dialog = dialog.with_context(active_model="account.move", active_ids=move.ids).create({})
        self.assertFalse(dialog.extra_edis)
        dialog.extra_edis = ["24seven"]
        dialog.action_send_and_print()
        self.assertFalse(move.seven_state)

    def test_one_that_cannot_be_handed_over(self):
        move = self.invoice()
        self.connection.sudo()._deactivate()
        with self.assertRaisesRegex(UserError, "not connected"):
            self.open(move).action_send_and_print()

    def test_several(self):
        first, second, published = self.invoice(), self.invoice(), self.invoice()
        mailed = self.invoice(seven_type="invoice")
        self.send(published)
        self.service.publish(published.name)
        self.check(published)
        moves = first + published + second + mailed
        self.env["account.move.send.batch.wizard"].with_user(self.clerk).with_context(
            active_model="account.move", active_ids=moves.ids
        ).create({}).action_send_and_print()
        self.env.flush_all()
        self.env.ref("account.ir_cron_account_move_send").method_direct_trigger()
        self.run_jobs()
        self.assertEqual((first + second).mapped("seven_state"), ["order", "order"])
        self.assertEqual(mailed.seven_state, False)
        self.assertTrue(self.mails_of(mailed))
        self.assertIn("20007", published.message_ids[:1].body)


@tagged("post_install", "-at_install")
class TestScreens(SevenCommon):
    """What the screens show and propose, and who may do what."""

    def setUp(self):
        super().setUp()
        self.activate()

    def test_the_type_comes_from_the_customer(self):
        self.customer.with_company(self.company).seven_type = "accounting"
        person = self.env["res.partner"].create({"name": "Björn Ask", "parent_id": self.customer.id})
        with Form(self.env["account.move"].with_context(default_move_type="out_invoice")) as form:
            self.assertEqual(form.seven_type, "invoice")
            form.partner_id = person
            self.assertEqual(form.seven_type, "accounting")
            form.seven_type = "invoice"
        self.assertEqual(form.record.seven_type, "invoice")
        bill = self.env["account.move"].create({"move_type": "in_invoice", "partner_id": self.customer.id})
        self.assertFalse(bill.seven_type)

    def test_the_type_and_the_days_come_from_the_order(self):
        groups = "sales_team.group_sale_salesman,account.group_account_invoice"
        seller = self.make_user("seven_seller", groups)
        self.tractor.invoice_policy = "order"
        self.customer.with_company(self.company).seven_type = "accounting"
        with Form(self.env["sale.order"].with_user(seller)) as form:
            form.partner_id = self.customer
            self.assertEqual(form.seven_type, "accounting")
            with form.order_line.new() as line:
                line.product_id = self.tractor
                line.product_uom_qty = 3
                line.price_unit = 1000
                line.rent_start = "2026-11-23"
                line.rent_stop = "2026-11-25"
        order = form.record
        order.action_confirm()
        self.customer.with_company(self.company).seven_type = False
        move = order._create_invoices()
        self.assertEqual(move.seven_type, "accounting")
        move.action_post()
        self.send(move)
        self.assertEqual(self.order_of(move)["InvoiceRows"][0]["Name"], "Traktor (2026-11-23 - 2026-11-25)")
        order = order.copy()
        order.seven_type = "invoice"
        order.action_confirm()
        self.assertEqual(order._create_invoices().seven_type, "invoice")

    def test_a_change_is_told_until_it_is_sent(self):
        move = self.invoice()
        self.send(move)
        self.assertFalse(move.seven_changed)
        self.change(move, quantity=4)
        self.assertTrue(move.with_user(self.clerk).seven_changed)
        self.send(move)
        self.env.invalidate_all()
        self.assertFalse(move.seven_changed)

    def test_those_that_cannot_go_do_not_keep_the_others_back(self):
        move, draft = self.invoice(), self.invoice(post=False)
        self.assertRegex(self.send(move + draft), "^1 on the way to 24SevenOffice. Post .* first.$")
        self.assertEqual(move.seven_state, "order")

    def test_why_it_is_still_on_its_way(self):
        self.service.misbehave({"fault": "status", "status": 503, "path": "/InvoiceOrder/SaveInvoices"})
        move = self.invoice()
        self.send(move)
        self.assertIn("could not do it now", move.with_user(self.clerk).seven_delay)
        self.connection.sudo()._deactivate()
        self.env.invalidate_all()
        self.assertIn("not active", move.seven_delay)

    def test_access_is_changed_while_it_is_active(self):
        action = self.connection.with_user(self.manager).action_seven_access()
        dialog = self.env[action["res_model"]].with_user(self.manager).browse(action["res_id"])
        dialog.write({"application": "not one", "password": "another"})
        dialog.action_next()
        self.assertIn("five groups", dialog.refusal)
        self.assertEqual((self.connection.state, dialog.step), ("active", "access"))

    def test_a_rent_that_ends_before_it_begins(self):
        with self.assertRaisesRegex(UserError, "ends before"):
            self.invoice(self.line(rent_start="2026-11-25", rent_stop="2026-11-23"))

    def test_views_open_for_their_users(self):
        move = self.invoice(self.rent(), *self.by_rate(9))
        self.send(move)
        with Form(move.with_user(self.clerk)) as form:
            self.assertEqual(form.seven_state, "waiting")
            self.assertIn("9 %", form.seven_problem)
        with Form(self.customer) as form:
            form.seven_type = "accounting"
        self.assertEqual(self.customer.with_company(self.company).seven_type, "accounting")
        with Form(self.connection.with_user(self.manager)) as form:
            form.seven_status = "Draft"
            with form.seven_vat_ids.new() as code:
                code.rate = 9
                code.code_id = 7
        self.assertEqual(self.connection.seven_status, "Draft")
        for user, model in (
            (self.clerk, "account.move"),
            (self.manager, "brp.connection"),
            (self.manager, "brp.24seven.activate"),
            (self.clerk, "brp.24seven.choose"),
        ):
            views = self.env[model].with_user(user).get_views([(False, "form"), (False, "list")])
            self.assertIn("form", views["views"])
        found = self.env["account.move"].with_user(self.clerk)
        self.assertIn("seven_open", found.get_views([(False, "search")])["views"]["search"]["arch"])

    # === WHO MAY === #

    def assert_may_not(self, move, user):
        calls = len(self.service.calls)
        move = move.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
        for action in ("action_seven_send", "action_seven_check", "action_seven_choose"):
            with self.assertRaises(UserError):
                getattr(move, action)()
        self.assertEqual(len(self.service.calls), calls)

    def test_who_may_not(self):
        move = self.invoice()
        self.send(move)
        self.service.publish(move.name)
        other = self.setup_other_company()["company"]
        portal = self.make_user("seven_portal", "base.group_portal")
        # It is the portal user's own invoice.
        portal.partner_id.parent_id = self.customer
        move.message_subscribe(portal.partner_id.ids)
        move.with_user(portal).check_access("read")
        self.assert_may_not(move, portal)
        self.assert_may_not(move, self.make_user("seven_other", "account.group_account_invoice", other))
        self.assert_may_not(move, self.make_user("seven_employee", "base.group_user"))
        self.assertEqual(move.seven_state, "order")

    def test_who_may(self):
        move = self.invoice()
        self.assertIn("1 on the way", self.send(move, self.clerk))
        self.service.publish(move.name)
        auditor = self.make_user("seven_auditor", "account.group_account_readonly")
        move.with_user(auditor).action_seven_check()
        self.assertEqual(move.seven_state, "invoiced")
        with self.assertRaises(UserError):
            move.with_user(auditor).action_seven_send()

    def test_a_branch_hands_over_to_its_company_s_24sevenoffice(self):
        branch = self.env["res.company"].create(
            {"name": "Sundby Norr", "parent_id": self.company.id, "country_id": self.company.country_id.id}
        )
        self.env.cr.precommit.run()  # its chart of accounts
        self.env["brp.connection"]._make_cards(branch)
        clerk = self.make_user("seven_branch", "account.group_account_invoice", self.company + branch)
        move = self.invoice(company_id=branch.id)
        self.send(move, clerk)
        self.assertEqual((move.seven_state, self.order_of(move)["OrderTotalIncVat"]), ("order", "3375.00"))
        self.service.publish(move.name)
        self.run_status_job()
        self.assertEqual(move.seven_state, "invoiced")
        # One that has its own does not, even when its own is paused.
        own = self.env["brp.connection"].search(
            [("provider", "=", "24seven"), ("company_id", "=", branch.id)]
        )
        own.sudo().state = "paused"
        second = self.invoice(company_id=branch.id)
        with self.assertRaisesRegex(UserError, "Sundby Norr is not connected"):
            self.send(second, clerk)
        self.connection.sudo().seven_automatic = True
        self.run_status_job()
        self.run_jobs()
        self.assertFalse(second.seven_state)

    def test_who_is_told_whom_a_customer_was_taken_for(self):
        for name in ("Ek Söder", "Ek Norr"):
            self.service.add_customer(name, organization_number="556000-1234")
        move = self.invoice()
        self.send(move)
        portal = self.make_user("seven_portal", "base.group_portal")
        portal.partner_id.parent_id = self.customer
        move.message_subscribe(portal.partner_id.ids)
        self.assertFalse(move.with_user(portal).read(["seven_problem"])[0]["seven_problem"])
        self.assertIn("Ek Norr", move.with_user(self.clerk).seven_problem)

    def test_the_dialog_is_for_those_of_the_company(self):
        other = self.setup_other_company()["company"]
        stranger = self.make_user("seven_other", "brp_connector.group_connector_manager", other)
        dialogs = self.env["brp.24seven.activate"].with_user(stranger)
        with self.assertRaises(AccessError):
            dialogs.with_context(allowed_company_ids=other.ids).create({"connection_id": self.connection.id})

    def test_what_the_clerk_does_not_see(self):
        self.send(self.invoice())
        connection = self.connection.with_user(self.clerk)
        for name in ("seven_user", "seven_password", "seven_application", "seven_session", "seven_identity"):
            with self.assertRaises(AccessError):
                connection.read([name])
        # Which customer is whom is for those who invoice, in their own company.
        other = self.setup_other_company()["company"]
        links = self.env["brp.24seven.customer"]
        self.assertTrue(links.with_user(self.clerk).search([]))
        stranger = self.make_user("seven_other", "account.group_account_invoice", other)
        found = links.with_user(stranger).search([])
        self.assertFalse(found.connection_id & self.connection.with_user(stranger))
        with self.assertRaises(AccessError):
            links.with_user(self.clerk).search([], limit=1).number = 7
