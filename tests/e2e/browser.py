"""People at their browsers: in Swedish, on a day of our own clock, and patient when a process dies."""

import contextlib
import time

from playwright.sync_api import Error, sync_playwright

# All that asks for the time in a page gets ours.
_CLOCK = """
    const Real = Date;
    const shift = %d;
    const now = () => Real.now() + shift;
    window.Date = new Proxy(Real, {
        construct: (target, args) => args.length ? new Real(...args) : new Real(now()),
        apply: () => new Real(now()).toString(),
        get: (target, name) => name === "now" ? now : target[name],
    });
"""
_OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
_PATIENCE = 30  # seconds until a person loads the page anew
_MOMENT = 3  # seconds, likewise, when something has gone wrong
_LOOK = 15  # seconds until what is looked for has to be on the screen
_TRIES = 12


class Refused(Exception):
    """Odoo has told the person why not."""


class Browser(contextlib.AbstractContextManager):
    """Chromium, in which several people are logged in at once."""

    def __init__(self, world):
        self.world = world
        self._people = {}

    def __enter__(self):
        self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(
            executable_path=self.world.browser_path, args=list(_OPTIONS)
        )
        return self

    def __exit__(self, *_error):
        with contextlib.suppress(Error):
            self._chromium.close()
        self._playwright.stop()

    def person(self, login):
        """Whoever has this login, and the same password."""
        if login not in self._people:
            self._people[login] = Person(self, login)
        return self._people[login]

    def open_window(self):
        context = self._chromium.new_context(
            viewport={"width": 1600, "height": 1000},
            locale="sv-SE",
            timezone_id="Europe/Stockholm",
        )
        context.add_init_script(_CLOCK % (self.world.offset * 1000))
        context.set_default_timeout(_LOOK * 1000)
        return context


class Person:
    """Somebody who is logged in. `page` is what they look at; a new day is a new window."""

    def __init__(self, browser, login):
        self.browser = browser
        self.world = browser.world
        self.login = login
        self.page = None
        self._context = None
        self._day = None
        self._logged_in = False
        self.lost = False  # whether something has gone wrong in the page
        self.begun_anew = False  # whether it had when the present try began

    def do(self, what, act, done, tries=_TRIES):
        """Have it done: as long as `done()` is not true, act, and look again.

        :param act: function that clicks; when it fails, as when a process dies that has the request, the
            page is loaded anew and it is looked whether it was done, and else tried again
        :param done: function that tells by the database whether it was done; its value is returned
        """
        trouble = None
        begun = time.monotonic()
        for attempt in range(tries + 1):
            if value := done():
                again = f" (tried {attempt} times)" if attempt > 1 else ""
                print(f"  {self.login}: {what}, {time.monotonic() - begun:.1f} s{again}", flush=True)
                return value
            if attempt == tries:
                break
            try:
                self.begun_anew, self.lost = self.lost, False
                self._sit_down()
                act()
                trouble = None
            except (Error, Refused) as error:
                self.lost, trouble = True, error
            if not self._comes_true(done):
                self._show(what)
                why = str(trouble or "nothing came of it").splitlines()[0]
                print(f"  {self.login}: {what}: again, {why}", flush=True)
                self.lost = True
        raise AssertionError(f"{self.login}: {what} was not done: {trouble or 'nothing came of it'}")

    def _comes_true(self, done):
        """Whether it is done before patience ends, which is soon when something has gone wrong."""
        begun = time.monotonic()
        while time.monotonic() - begun < (_MOMENT if self.lost else _PATIENCE):
            if done():
                return True
            self.world.wake()
            # Not asleep: what happens in the page is told meanwhile.
            self.page.wait_for_timeout(100)
        return False

    def _sit_down(self):
        """Have a window of today, logged in: one logs in each morning."""
        if self._day != self.world.offset:
            if self._context:
                self._context.close()
            self._context = self.browser.open_window()
            self.page = self._context.new_page()
            self.page.on("requestfailed", self._notice)
            self._day = self.world.offset
            self._logged_in = False
        if not self._logged_in:
            self.page.goto(f"{self.world.odoo}/web/login")
            if self.page.locator(".oe_login_form").count():  # or an earlier try got as far as that
                self.page.fill("input[name=login]", self.login)
                self.page.fill("input[name=password]", self.login)
                self.page.click(".oe_login_form button[type=submit]")
            self.see(".o_main_navbar")
            self._logged_in = True

    def _notice(self, request):
        """A call that got no answer: who waits for it need not wait longer."""
        if "/websocket" not in request.url and "ERR_ABORTED" not in (request.failure or ""):
            self.lost = True

    def _show(self, what):
        if self.page:
            self.world.screenshots.mkdir(parents=True, exist_ok=True)
            name = "".join(letter if letter.isalnum() else "-" for letter in what)
            with contextlib.suppress(Error):
                self.page.screenshot(path=self.world.screenshots / f"e2e-{name}.png")

    # === WHAT ONE DOES IN ODOO === #

    def open(self, address):
        """Go to a page of the web client and wait until it is there."""
        self.page.goto(f"{self.world.odoo}/odoo/{address}")
        self.see(".o_view_controller")

    def open_record(self, model, number):
        """Look at a record's form."""
        self.open(f"{model}/{number}")
        self.see(".o_form_view .o_form_sheet")

    def press(self, name, within=""):
        """Press the button of that technical name."""
        self.page.locator(f"{within} button[name={name}]:visible").first.click()
        self.look_out()

    def fill(self, field, value, within=".modal"):
        """Write in a field."""
        box = self.page.locator(f"{within} div[name={field}] :is(input, textarea)").first
        box.fill(value)
        box.press("Tab")

    def fill_date(self, field, day, within=""):
        """Write a day, YYYY-MM-DD: its field is a button until one wants to write in it."""
        self.page.locator(f"{within} div[name={field}] :is(input, button)").first.click()
        self.fill(field, day, within)

    def choose(self, field, text, within=".modal"):
        """Choose a record in a field, by its name."""
        box = self.page.locator(f"{within} div[name={field}] input").first
        box.fill(text)
        self.page.locator(f"{within} .dropdown-item:has-text('{text}')").first.click()

    def select(self, field, text, within=".modal"):
        """Choose one of a field's few values."""
        self.page.locator(f"{within} div[name={field}] input").first.click()
        self.page.locator(f".o_select_menu_item:has-text('{text}')").first.click()

    def open_card(self, name):
        """Press Activate on a card of the page Integrations."""
        self.open("brp-integrations")
        self.page.locator(f".o_kanban_record:has-text('{name}') button[name=action_activate]").first.click()
        self.see(".modal-footer")

    def go_on(self, field):
        """Go to the dialog's next step, which has that field."""
        modal = self.page.locator(".modal-footer button[name=action_next]:visible")
        modal.first.evaluate(
            "button => button.closest('.modal').querySelectorAll('[name]').forEach(e => e.dataset.old = 1)"
        )
        self.press("action_next", ".modal-footer")
        self.see(f".modal div[name={field}]:not([data-old])")

    def see(self, what):
        """Wait until it is on the screen."""
        deadline = time.monotonic() + _LOOK
        while not self.page.locator(what).locator("visible=true").count():
            if self.lost or time.monotonic() > deadline:
                raise Refused(f"{what} was not to be seen")
            self.page.wait_for_timeout(50)

    def tab(self, name):
        self.page.locator(f".nav-link[name={name}]").first.click()

    def save(self):
        self.page.locator(".o_form_button_save:visible").first.click()

    def agree(self):
        """Say yes to a question."""
        self.page.locator(".modal-footer .btn-primary:visible").first.click()

    def look_out(self):
        """Tell of an error that Odoo shows in a dialog."""
        with contextlib.suppress(Error):
            told = self.page.locator(
                ".modal.o_error_dialog, .o_error_dialog .modal-body, .modal:has(.o_error_dialog)"
            )
            if told.count():
                raise Refused(told.first.inner_text())
