"""Disa at the till of the reception."""

# Whether the server knows of all that was paid.
_ALL_KNOWN = """
    () => window.posmodel?.models
        && !window.posmodel.models["pos.order"].some((order) => order.state === "paid" && !order.isSynced)
"""


class Till:
    """What is sold over the counter. Each sale is told the number that it has among the month's."""

    def __init__(self, world, person):
        self.world = world
        self.person = person
        self.sold = 0

    # === SALES === #

    def sell(self, what, act):
        """Have a sale be made, unless it has been: `act` goes from the empty screen to the receipt."""
        self.sold += 1
        number = self.sold

        def done():
            return self.world.value("SELECT count(*) >= %s FROM pos_order WHERE state <> 'draft'", number)

        def sell():
            self._open()
            if not done():
                act()
                self.person.see(".receipt-screen")

        self.person.do(f"i kassan: {what}", sell, done)

    def pay(self, method):
        self._go_to_payment()
        self._click(f".paymentmethod:has-text('{method}')")
        self._validate()

    def add(self, *products):
        for product in products:
            self._click(f"article.product:has-text('{product}')")
            self.person.see(
                f".order-display .orderline:has-text('{product}'), .orderline:has-text('{product}')"
            )

    def add_gift_card(self, code, amount):
        self._click("article.product:has-text('Presentkort')")
        self._click("a:has-text('Sälja fysiska presentkort?')")
        page = self.person.page
        page.fill("input#code", code)
        page.fill("input#amount", str(amount))
        self._click(".modal-footer .btn-primary")

    def redeem(self, code):
        """Pay all of it with a gift card."""
        self._more("Ge Kod")
        page = self.person.page
        page.locator(".modal :is(input, textarea)").first.fill(code)
        self._click(".modal-footer .btn-primary")
        self.person.see(".orderline:has-text('Presentkort')")
        self._go_to_payment()
        self._validate()

    def tip(self, amount, method):
        self._go_to_payment()
        self._click(".payment-screen .button:has-text('Dricks'), .payment-screen button:has-text('Dricks')")
        for digit in str(amount):
            self._click(f".modal button:text-is('{digit}')")
        self._click(".modal-footer .btn-primary")
        self._click(f".paymentmethod:has-text('{method}')")
        self._validate()

    def discount(self, percent, left):
        """Take percents off the line that was added last, which then comes to what is left."""
        self._click(".numpad .numpad-discount, .numpad button:text-is('%')")
        for digit in str(percent):
            self._click(f".numpad button:text-is('{digit}')")
        self.person.see(f".orderline:has-text('{left}')")

    def take_back(self, total, method):
        """Take one thing back of the sale that came to so much."""
        self._more("Kreditfaktura")
        self._click(f".ticket-screen .order-row:has-text('{total}')")
        self._click(".ticket-screen .numpad button:text-is('1')")
        self._click(".ticket-screen .btn-primary.pay-order-button")
        self._click(f".paymentmethod:has-text('{method}')")
        self._validate()

    def sell_in_installments(self, customer, plan):
        self._click(".product-screen .set-partner")
        page = self.person.page
        page.locator(".partner-list input, .modal .modal-header input").first.fill(customer)
        self._click(f".partner-list .partner-line:has-text('{customer}'), .modal tr:has-text('{customer}')")
        self._go_to_payment()
        self._click(".payment-screen .o_pay_in_installments")
        self._click(f".modal .o_installment_plan:has-text('{plan}')")
        self._click(".modal .o_installment_confirm:enabled")

    # === THE SESSION === #

    def open(self):
        """Open the till with what was in the drawer when it was closed."""

        def opened():
            return self.world.value("SELECT id FROM pos_session WHERE state = 'opened'")

        def act():
            self._go()
            self._click(".modal .modal-footer .btn-primary")

        self.person.do("öppna kassan", act, opened)

    def close(self, counted):
        """Close the session, with so much in the drawer."""
        closed = self.world.value("SELECT count(*) FROM pos_session WHERE state = 'closed'")

        def done():
            return self.world.value("SELECT count(*) > %s FROM pos_session WHERE state = 'closed'", closed)

        def close():
            self._open()
            if done():
                return
            self._click(".pos-topheader button:has(.fa-bars), .pos-rightheader button:has(.fa-bars)")
            self._click("span.dropdown-item:has-text('Stäng'), .dropdown-item:has-text('Stäng kassa')")
            self.person.page.fill(".close-pos-popup .cash-input input", str(counted))
            self._click(".close-pos-popup .modal-footer .btn-primary")

        self.person.do("stänga kassan", close, done)

    def _open(self):
        """Have the till on the screen, nothing on it, and all that it has sold known to the server."""
        page = self.person.page
        if self.person.begun_anew or not page.locator(".pos .product-screen, .receipt-screen").count():
            self._go()
            page.wait_for_function(_ALL_KNOWN)
        if page.locator(".receipt-screen").count():
            self._click(".receipt-screen .button.next")
        if page.locator(".payment-screen").count():
            self._click(".payment-screen .back-button, .payment-screen .button.back")
        self.person.see(".product-screen")
        if page.locator(".product-screen .orderline").count():
            # What was begun before the page was loaded anew.
            self._more("Avbryt beställning")
            self._click(".modal-footer .btn-primary")
            page.locator(".product-screen .orderline").first.wait_for(state="detached")

    def _go(self):
        number = self.world.value("SELECT id FROM pos_config WHERE active ORDER BY id LIMIT 1")
        self.person.page.goto(f"{self.world.odoo}/pos/ui/{number}")
        self.person.see(".product-screen, .receipt-screen, .payment-screen, .open-register-btn")
        if self.person.page.locator(".open-register-btn").count():
            self._click(".open-register-btn")

    # === BUTTONS === #

    def _click(self, what):
        self.person.page.locator(what).locator("visible=true").first.click()

    def _more(self, name):
        self._click(".more-btn")
        self._click(f".modal button:has-text('{name}')")

    def _go_to_payment(self):
        self._click(".product-screen .pay-order-button")
        self.person.see(".payment-screen")

    def _validate(self):
        self._click("button.validation-button.next, .payment-screen .validation-button")
