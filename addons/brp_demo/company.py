"""Sundby Aktivitetscenter AB: the company, its chart of accounts, prices and people."""

from base64 import b64encode

from odoo import Command
from odoo.tools import file_open

LANGUAGE = "sv_SE"
TIME_ZONE = "Europe/Stockholm"
CHART = "se_K3"
BANKGIRO = "991-2346"
COLLECTION_DAY = 27

# The VAT rate of every product, in percent.
VAT_RATES = {
    25: (
        "card_relax",
        "course_leader",
        "rental_racket",
        "rental_excavator",
        "rental_tractor",
        "towel",
        "goggles",
        "fee_setup",
        "fee_installment",
        "time_massage",
    ),
    12: ("camp", "lunch"),
    6: (
        "card_training",
        "card_swimming",
        "course_swimming",
        "course_padel",
        "rental_hall",
        "training_book",
        "time_padel",
        "time_padel_day",
        "time_bath",
    ),
}
# No sale: a debt to the staff, and one to whoever comes with the card. 2820 itself is payable in the chart
# of accounts, which Odoo refuses on invoices.
WITHOUT_VAT = {"tip": "2824", "gift_card": "2421"}
# Code: (name, type, account) of the journals of what is paid at the desk.
DESK_JOURNALS = {
    "KASSA": ("Kassa", "cash", "1910"),
    "KORT": ("Kort", "bank", "1581"),
    "SWISH": ("Swish", "bank", "1582"),
}
_ACCOUNT_OF_RATE = {25: "a3001", 12: "a3002", 6: "a3003"}


def set_up_company(env):
    """Give the main company its name, chart of accounts, installments, prices and people."""
    company = env.ref("base.main_company")
    _name_company(env, company)
    _load_chart(env, company)
    _set_up_journals(env, company)
    _set_up_desk_journals(env, company)
    company.with_context(lang=LANGUAGE)._set_up_installments()
    _set_up_autogiro(env, company)
    _set_up_prices(env, company)
    _set_up_people(env)


def _name_company(env, company):
    krona = env.ref("base.SEK")
    krona.active = True
    with file_open("brp_demo/static/img/logo.png", "rb") as logo:
        picture = b64encode(logo.read())
    company.write(
        {
            "name": "Sundby Aktivitetscenter AB",
            "street": "Sundbyvägen 1",
            "zip": "123 45",
            "city": "Sundby",
            "country_id": env.ref("base.se").id,
            "vat": "SE559999980101",
            "company_registry": "559999-9801",
            "phone": "08-465 004 00",
            "email": "info@example.com",
            "website": "https://example.com",
            "currency_id": krona.id,
            "account_price_include": "tax_included",
            "logo": picture,
            "primary_color": "#1F4E79",
            "secondary_color": "#F2A33A",
            "external_report_layout_id": env.ref("web.external_layout_standard").id,
            "report_footer": f"<p>Org.nr 559999-9801 · Bankgiro {BANKGIRO} · Godkänd för F-skatt</p>",
        }
    )
    company.partner_id.lang = LANGUAGE


def _load_chart(env, company):
    # While modules are being installed, Odoo keeps the wish to give a company without a chart
    # the one of its country, or a general one, and does so at the end: not on top of ours.
    if hasattr(env.registry, "_auto_install_template"):
        del env.registry._auto_install_template
    # try_loading() would do just this, but warns of a registry that is not complete yet. All
    # that the chart depends on is loaded when the hook runs.
    env["account.chart.template"]._load(CHART, company, install_demo=False)


def _set_up_journals(env, company):
    """Have payments booked on the bank account at once, and OCR numbers on invoices."""
    journals = env["account.journal"].search([("company_id", "=", company.id)])
    journals.filtered(lambda journal: journal.type == "sale").invoice_reference_model = "se_ocr2"
    bank = journals.filtered(lambda journal: journal.type == "bank")[:1]
    lines = bank.inbound_payment_method_line_ids + bank.outbound_payment_method_line_ids
    lines.payment_account_id = bank.default_account_id
    if not bank.bank_account_id:
        bank.set_bank_account(BANKGIRO)


def _set_up_desk_journals(env, company):
    """Have cash, cards and Swish taken at the desk booked on accounts of their own, at once."""
    for code, (name, kind, number) in DESK_JOURNALS.items():
        account = get_account(env, company, number, name, "asset_cash")
        journal = env["account.journal"].create(
            {
                "name": name,
                "type": kind,
                "code": code,
                "default_account_id": account.id,
                "company_id": company.id,
            }
        )
        lines = journal.inbound_payment_method_line_ids + journal.outbound_payment_method_line_ids
        lines.payment_account_id = account


def get_account(env, company, code, name, kind):
    """Return the account of a number, made when the chart has none."""
    accounts = env["account.account"].with_company(company)
    return accounts.search([("code", "=", code)], limit=1) or accounts.create(
        {"code": code, "name": name, "account_type": kind, "company_ids": [Command.set(company.ids)]}
    )


def _set_up_autogiro(env, company):
    """Have an agreement with Bankgirot; what a refusal leads to is for the bookkeeper to decide."""
    company.with_context(lang=LANGUAGE)._set_up_autogiro()
    company.write(
        {
            "autogiro_bankgiro": BANKGIRO,
            "autogiro_customer_number": "471117",
            "autogiro_day": COLLECTION_DAY,
            "autogiro_refused_policy": "stop",
            "autogiro_responsible_id": env.ref("brp_demo.user_bookkeeper").id,
        }
    )


def _set_up_prices(env, company):
    """Give the products their VAT and sales accounts, and show the tab Prices and discounts of lines."""
    chart = env["account.chart.template"].with_company(company)
    for rate, names in VAT_RATES.items():
        for name in names:
            product = env.ref(f"brp_demo.{name}").with_company(company)
            service = product.type == "service"
            tax = chart.ref(f"sale_tax_{rate}_{'services' if service else 'goods'}")
            account = chart.ref(_ACCOUNT_OF_RATE[rate] + ("2" if service else "1"))
            product.write({"taxes_id": [Command.set(tax.ids)], "property_account_income_id": account.id})
    for name, code in WITHOUT_VAT.items():
        product = env.ref(f"brp_demo.{name}").with_company(company)
        account = get_account(env, company, code, product.name, "liability_current")
        product.write({"taxes_id": [Command.clear()], "property_account_income_id": account.id})
    for group in ("product.group_product_pricelist", "sale.group_discount_per_so_line"):
        env.ref("base.group_user")._apply_group(env.ref(group))
    pricelists = env["product.pricelist"].search([("company_id", "=", company.id)])
    pricelists.filtered(lambda pricelist: pricelist.currency_id != company.currency_id).active = False
    company.with_context(lang=LANGUAGE)._activate_or_create_pricelists()


def _set_up_people(env):
    """Let those who are there already have Swedish; whom they create has their language."""
    users = env.ref("base.user_admin") + env.ref("base.user_root")
    users.write({"lang": LANGUAGE, "tz": TIME_ZONE})
    # Odoo has noted English as the language of new contacts when the database was made.
    env["ir.default"].set("res.partner", "lang", LANGUAGE)
    env.ref("base.user_admin").group_ids += env.ref("account.group_account_user")
