"""What happens in November 2026 at Sundby Aktivitetscenter, day by day; the figures are in README.md."""

import contextlib

from .till import Till

PUBLIC_KEY = "6f3c1a52-8f0e-4c57-9d64-5b1d0e9a7c21"
KLARNA_USER, KLARNA_PASSWORD = "K123456_brp", "brp-sandbox-secret"
OFFICE_USER, OFFICE_PASSWORD = "api@sundby.example", "brp-sandbox-secret"
# By payer number: Oskar's account lacks cover the first time, and Per has his bank give the money back.
OUTCOMES = {"197604099858": ["1", "0"], "199102049823": ["0", "refund:03:1"]}
OFFICE_APPLICATION = "5b1f1c1e-24f0-4c7e-9a55-2d6f0b3c8a11"


class Month:
    """The story. A method is a day, or what somebody does on it."""

    def __init__(self, world, browser):
        self.world = world
        self.desk = browser.person("disk")
        self.bookkeeper = browser.person("ekonomi")
        self.till = Till(world, self.desk)

    # === LOOKING === #

    def find_customer(self, name):
        return self.world.id_of(f"customer_{name}")

    def find_order(self, customer):
        """The id of a customer's order."""
        return self.world.value(
            "SELECT id FROM sale_order WHERE partner_id = %s AND origin IS NULL ORDER BY id DESC LIMIT 1",
            self.world.id_of(customer),
        )

    def find_main(self, customer):
        """The id of a customer's main invoice, once it is there."""
        return self.world.value(
            "SELECT id FROM account_move WHERE partner_id = %s AND installment_plan_id IS NOT NULL"
            " AND state = 'posted' AND move_type = 'out_invoice'",
            self.find_customer(customer),
        )

    def find_part(self, customer, number):
        """The id of an installment invoice."""
        return self.world.value(
            "SELECT id FROM account_move WHERE installment_main_id = %s AND installment_number = %s"
            " AND state = 'posted' AND move_type = 'out_invoice'",
            self.find_main(customer),
            number,
        )

    def find_invoice(self, customer):
        """The id of a customer's ordinary invoice."""
        return self.world.value(
            "SELECT id FROM account_move WHERE partner_id = %s AND state = 'posted'"
            " AND move_type = 'out_invoice'"
            " AND installment_main_id IS NULL AND installment_plan_id IS NULL",
            self.find_customer(customer),
        )

    def is_active(self, provider):
        return self.world.value(
            "SELECT id FROM brp_connection WHERE provider = %s AND state = 'active'", provider
        )

    # === INTEGRATIONS === #

    def _activate(self, name, provider, fill_in):
        def act():
            self.bookkeeper.open_card(name)
            fill_in()

        self.bookkeeper.do(f"ansluta {name}", act, lambda: self.is_active(provider))

    def connect_books(self):
        def fill_in():
            person = self.bookkeeper
            person.go_on("key")
            person.fill("key", PUBLIC_KEY)
            person.press("action_verify", ".modal")
            person.see(".modal .alert-success:has-text('Sundby Aktivitetscenter AB')")
            person.go_on("start_date")
            for _kind in ("payment methods", "VAT", "product groups", "other events"):
                person.go_on("mapping_ids")
            person.press("action_next", ".modal-footer")

        self._activate("Björn Lundén", "bjorn_lunden", fill_in)

    def connect_klarna(self):
        def fill_in():
            person = self.bookkeeper
            person.select("region", "Testmiljö")
            person.fill("user", KLARNA_USER)
            person.fill("password", KLARNA_PASSWORD)
            person.go_on("start_date")
            person.go_on("rate_ids")
            person.press("action_next", ".modal-footer")

        self._activate("Klarna", "klarna", fill_in)

    def connect_office(self):
        def fill_in():
            person = self.bookkeeper
            person.fill("user", OFFICE_USER)
            person.fill("application", OFFICE_APPLICATION)
            person.fill("password", OFFICE_PASSWORD)
            person.go_on("identity_id")
            person.page.locator(".modal .o_radio_item:has-text('Sundby') input").click()
            person.go_on("vat_ids")
            person.press("action_next", ".modal-footer")

        self._activate("24SevenOffice", "24seven", fill_in)

    def use_proposals(self):
        """Use the account numbers that are proposed for what is new."""
        person = self.bookkeeper

        def act():
            person.open_record("brp.connection", self.is_active("bjorn_lunden"))
            person.press("action_use_proposals")

        held = "SELECT count(*) = 0 FROM brp_accounting_day WHERE state = 'held'"
        person.do("använda kontoförslagen", act, lambda: self.world.value(held))

    # === DESK === #

    def sell_in_installments(self, customer, plan, mandate=None):
        """Sell a quotation on a plan, whose name begins with its months; with an account and a personal
        number, a mandate is registered."""
        person = self.desk

        def act():
            person.open_record("sale.order", self.find_order(f"customer_{customer}"))
            person.press("action_sell_in_installments")
            person.choose("plan_id", plan)
            if mandate:
                account, number = mandate
                person.fill("mandate_account", account)
                person.fill("mandate_number", number)
            person.see(f".modal div[name=preview] tbody tr:nth-child({plan.split()[0]})")
            person.press("action_sell", ".modal")

        person.do(f"sälja till {customer} på {plan}", act, lambda: self.find_main(customer))

    def register_mandate(self, customer, name, account):
        """Register a mandate that has been signed on paper, and have the bank be asked."""
        person, partner = self.desk, self.find_customer(customer)
        query = "SELECT id FROM brp_autogiro_mandate WHERE partner_id = %s"

        def register():
            person.open("brp.autogiro.mandate/new")
            person.choose("partner_id", name, within="")
            person.fill("shown_account", account, within="")
            person.save()

        mandate = person.do(
            f"registrera {customer}s medgivande", register, lambda: self.world.value(query, partner)
        )

        def ask():
            person.open_record("brp.autogiro.mandate", mandate)
            person.press("action_request")

        person.do(
            f"begära {customer}s medgivande",
            ask,
            lambda: self.world.value(f"{query} AND state <> 'draft'", partner),
        )

    # === BOOKKEEPING === #

    def invoice(self, customer, prepare=lambda: None):
        """Confirm an order if need be, invoice it, have the invoice prepared, post it and return its id."""
        person, order = self.bookkeeper, self.find_order(customer)

        def confirm():
            person.open_record("sale.order", order)
            person.press("action_confirm")

        is_confirmed = "SELECT state = 'sale' FROM sale_order WHERE id = %s"
        person.do(f"bekräfta {customer}s order", confirm, lambda: self.world.value(is_confirmed, order))
        query = """
            SELECT line.move_id FROM account_move_line line
            JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
            JOIN sale_order_line sold ON sold.id = rel.order_line_id
            JOIN account_move move ON move.id = line.move_id
            WHERE sold.order_id = %s
        """

        def make():
            person.open_record("sale.order", order)
            person.page.locator(
                "button#create_invoice:visible, button#create_invoice_percentage:visible"
            ).first.click()
            person.page.locator(
                ".modal button#create_invoice_open, .modal button[name=create_invoices]"
            ).first.click()

        move = person.do(f"fakturera {customer}", make, lambda: self.world.value(query, order))

        def post():
            person.open_record("account.move", move)
            prepare()
            person.press("action_post")

        person.do(
            f"bokföra {customer}s faktura",
            post,
            lambda: self.world.value(f"{query} AND move.state = 'posted'", order),
        )
        return move

    def register_payment(self, move, whose):
        """Register that an invoice has been paid to the bank account."""
        person = self.bookkeeper

        def act():
            person.open_record("account.move", move)
            person.page.locator("button[name=action_register_payment]:visible").first.click()
            person.see(".modal div[name=amount]")
            person.press("action_create_payments", ".modal")

        person.do(f"registrera {whose} betalning", act, lambda: self.is_settled(move))

    def is_settled(self, move):
        return self.world.value(
            "SELECT payment_state IN ('paid', 'in_payment') FROM account_move WHERE id = %s", move
        )

    def credit_part(self, customer, number):
        """Credit an installment: one click."""
        person, part = self.bookkeeper, self.find_part(customer, number)

        def act():
            person.open_record("account.move", part)
            person.press("action_reverse")

        reversed_ = "SELECT payment_state = 'reversed' FROM account_move WHERE id = %s"
        person.do(
            f"kreditera {customer}s delbetalning {number}", act, lambda: self.world.value(reversed_, part)
        )

    def credit_purchase(self, customer):
        """Credit a whole purchase in the dialog."""
        person, main = self.bookkeeper, self.find_main(customer)

        def act():
            person.open_record("account.move", main)
            person.press("action_reverse")
            person.see(".modal div[name=reason]")
            person.fill("reason", "Flyttar till annan ort")
            person.press("refund_moves", ".modal")

        credited = "SELECT id FROM account_move WHERE reversed_entry_id = %s AND state = 'posted'"
        person.do(f"kreditera {customer}s köp", act, lambda: self.world.value(credited, main))

    # === AUTOGIRO === #

    def collect_again(self, move, whose):
        """Have an invoice be collected that was refused."""
        person = self.bookkeeper

        def act():
            person.open_record("account.move", move)
            person.press("action_autogiro_collect_again")
            person.agree()

        free = "SELECT NOT autogiro_blocked FROM account_move WHERE id = %s"
        person.do(f"debitera {whose} igen", act, lambda: self.world.value(free, move))

    # === 24SEVENOFFICE === #

    def hand_over(self, move):
        """Send an invoice to 24SevenOffice, and publish it there."""
        person = self.bookkeeper

        def act():
            person.open_record("account.move", move)
            person.press("action_seven_send")

        waiting = "SELECT id FROM brp_exchange WHERE operation = '24seven_order' AND res_id = %s"
        person.do("skicka till 24SevenOffice", act, lambda: self.world.value(waiting, move))
        self.world.let_jobs_be_done()
        for hour in range(9, 18):
            if self.tractor:
                return
            # What a killed process had begun is looked into after ten minutes.
            self.world.go_to(11, 16, hour)
        raise AssertionError("24SevenOffice has not got the order")

    @property
    def tractor(self):
        """What 24SevenOffice knows the tractor's invoice by."""
        return self.world.value("SELECT name FROM account_move WHERE seven_order <> ''")

    # === KLARNA AND THE MARKETPLACE === #

    def utc(self, hour):
        """Today at an hour in UTC, as Klarna writes it."""
        return f"{self.world.moment:%Y-%m-%d}T{hour:02}:00:00Z"

    def sell_by_klarna(self, name, rates):
        """Sell in the webshop, paid with Klarna, and deliver at once."""
        told = {"reference1": name, "at": self.utc(8), "rates": rates}
        self.world.service("klarna", "/control/sale", told)

    def sell_times(self):
        """Sell two courts and a massage on the marketplace, of which one court is cancelled."""
        market = self.world.service
        market(
            "market",
            "/control/connect",
            {
                "dataset": "http://localhost:8069/openactive/1",
                "token": "tidstorget-demo",
                "statement_token": "tidstorget-utbetalning",
                "addresses": [f"127.0.0.1:{self.world.odoo_port}"],
            },
        )
        market("market", "/control/harvest", {})
        evenings, massages = (
            [
                time["slot"]
                for time in market("market", "/times")
                if (time["price"], time["start"][:10]) == sought
            ]
            for sought in ((38000, "2026-11-10"), (79500, "2026-11-10"))
        )
        for number, slot in enumerate((evenings[0], evenings[1], massages[0]), start=1):
            customer = {"name": f"Kund {number}", "email": f"kund{number}@example.com", "phone": "0701740605"}
            self.sell_time(slot, customer)
        self.cancel_time("Kund 2")

    def sell_time(self, slot, customer):
        """Buy a time on the marketplace, and pay with a card."""

        def done():
            bought = self.world.service("market", "/state")["purchases"]
            return [
                purchase for purchase in bought
                if purchase["customer"].get("email") == customer["email"] and purchase["state"] == "booked"
            ]  # fmt: skip

        for _try in range(30):
            if done():
                return
            with contextlib.suppress(RuntimeError):  # what a visitor is told
                self.world.service("market", "/control/book", {"slots": [slot], **customer})
                self.world.service("market", "/control/harvest", {})
        raise AssertionError(f"{customer['name']} could not buy")

    def cancel_time(self, name):
        """Cancel at the marketplace what somebody has bought there."""

        def find():
            bought = self.world.service("market", "/state")["purchases"]
            return next(purchase for purchase in bought if purchase["customer"].get("name") == name)

        for _try in range(30):
            purchase = find()
            if purchase["refunded"] == purchase["charged"] > 0:
                return
            with contextlib.suppress(RuntimeError):
                self.world.service("market", "/control/cancel", {"order": purchase["uuid"]})
                self.world.service("market", "/control/harvest", {})
        raise AssertionError(f"{name} could not cancel")

    def tell_statement_address(self):
        """Note on the card where the marketplace has its statements."""
        person, address = self.bookkeeper, self.world.address("market", "/statements/{month}.csv")

        def act():
            person.open_record("brp.connection", self.is_active("marketplace"))
            person.fill("marketplace_statement_url", address, within="")
            person.fill("marketplace_statement_token", "tidstorget-utbetalning", within="")
            person.save()

        noted = "SELECT marketplace_statement_url = %s FROM brp_connection WHERE id = %s"
        marketplace = self.is_active("marketplace")
        person.do(
            "ange var utbetalningarna finns", act, lambda: self.world.value(noted, address, marketplace)
        )

    def fetch_statement(self):
        """Fetch the marketplace's statement; its payout is booked by itself within the hour."""
        person = self.bookkeeper

        def act():
            person.open_record("brp.connection", self.is_active("marketplace"))
            person.press("action_fetch_statement")

        payout = "SELECT id FROM brp_payout WHERE name LIKE 'UTB-%%'"
        person.do("hämta utbetalningen", act, lambda: self.world.value(payout))

    # === THE DAYS === #

    def play(self, first=None):
        """Play all days, or those from one on."""
        days = [name for name in vars(type(self)) if name.startswith(("november_", "december_"))]
        for name in days[days.index(first) if first else 0 :]:
            month, day = name.split("_")
            self.world.go_to({"november": 11, "december": 12}[month], int(day))
            print(f"{day} {month}", flush=True)
            getattr(self, name)()

    def november_2(self):
        self.world.service("bank", "/outcomes", {"payers": OUTCOMES})
        self.connect_books()
        self.connect_klarna()
        self.connect_office()
        self.sell_in_installments("karin", "6 månader med avgifter")
        self.sell_in_installments("maja", "12 månader autogiro", ("8327-9 123 456 782", "19970311-9843"))
        self.sell_in_installments("per", "12 månader autogiro", ("3300 910204-9823", "19910204-9823"))
        self.register_mandate("oskar", "Oskar Norberg", "1200 123 4562")
        self.rent = self.invoice("customer_oskar", self._collect_early)

    def _collect_early(self):
        self.bookkeeper.tab("other_info")
        self.bookkeeper.fill_date("autogiro_date", "2026-11-13")

    def november_3(self):
        self.sell_in_installments("fatima", "12 månader")
        self.sell_in_installments("gustav", "12 månader")

    def november_4(self):
        self.use_proposals()
        till = self.till
        till.open()
        till.sell("två handdukar", lambda: (till.add("Handduk", "Handduk"), till.pay("Kontant")))
        till.sell("lunch med dricks", lambda: (till.add("Lunch"), till.tip(20, "Kort")))
        till.sell("presentkort", lambda: (till.add_gift_card("044000077", 500), till.pay("Swish")))
        till.sell(
            "mot presentkort", lambda: (till.add("Simglasögon", "Träningsdagbok"), till.redeem("044000077"))
        )
        till.sell("en handduk tillbaka", lambda: till.take_back("240,00", "Kontant"))
        till.sell(
            "lunch med rabatt", lambda: (till.add("Lunch"), till.discount(10, "116,10"), till.pay("Kontant"))
        )
        till.sell(
            "årskort på delbetalning",
            lambda: (till.add("Årskort bad"), till.sell_in_installments("Astrid Berg", "3 månader")),
        )
        till.close(236)

    def november_5(self):
        self.tell_statement_address()
        self.sell_times()

    def november_9(self):
        self.world.service("klarna", "/control/merchant", {"fee_percent": 200, "fee_fixed": 400})
        self.sell_by_klarna("WEBB-1", {"2500": 125000})

    def november_10(self):
        self.register_payment(self.find_part("gustav", 1), "gustavs")
        self.credit_purchase("gustav")
        self.sell_by_klarna("WEBB-2", {"600": 53000, "1200": 11200})

    def november_11(self):
        """The rent's file goes to the bank by itself, two banking days ahead."""

    def november_12(self):
        told = {"order": "WEBB-1", "at": self.utc(12), "rates": {"2500": 20000}, "reference": "RETUR-1"}
        self.world.service("klarna", "/control/refund", told)

    def november_16(self):
        self.collect_again(self.find_invoice("oskar"), "oskar")
        self.hand_over(self.invoice("contact_builder"))

    def november_17(self):
        self.world.service("office", "/control/publish", {"order": self.tractor})

    def november_18(self):
        self.world.service("klarna", "/control/payout", {"at": self.utc(5)})
        till = self.till
        till.open()
        till.sell("lunch", lambda: (till.add("Lunch"), till.pay("Kontant")))
        till.sell("simglasögon", lambda: (till.add("Simglasögon"), till.pay("Kort")))
        till.close(365)

    def november_19(self):
        """Klarna's payout is fetched and booked by itself."""

    def november_20(self):
        self.credit_part("fatima", 12)

    def november_23(self):
        self.world.service("office", "/control/pay", {"order": self.tractor, "day": "2026-11-23"})

    def november_25(self):
        """The installments' file goes to the bank by itself."""

    def november_27(self):
        self.register_payment(self.find_part("karin", 1), "karins")

    def november_30(self):
        self.world.service("market", "/control/pay-out", {"month": "2026-11"})
        self.fetch_statement()

    def december_1(self):
        """The last day is closed. What a killed process had begun is looked into after some time."""
        self.use_proposals()
        self.world.be_at_peace()
        for hour in (9, 10, 13):
            self.world.go_to(12, 1, hour)
