"""The till at the reception: its payment methods, and what it sells."""

from odoo import Command

from .company import DESK_JOURNALS, LANGUAGE, get_account

#: What is sold over the counter by the groups of the Z report, in the order of the till's screen
PRODUCTS = {
    "Kort och kurser": ("card_training", "card_swimming", "card_relax", "course_swimming", "course_padel"),
    "Kafé": ("lunch",),
    "Butik": ("towel", "goggles", "training_book"),
    "Uthyrning": ("rental_racket",),
    "Presentkort": ("gift_card",),
    "Dricks": ("tip",),
}
#: What a way to pay is called in the till, when it is not as its journal is
_NAMES = {"KASSA": "Kontant"}


def set_up_till(env):
    """Give the main company a till that takes cash, cards and Swish, and sells in installments."""
    env = env(context={**env.context, "lang": LANGUAGE})
    company = env.ref("base.main_company")
    journals = env["account.journal"].search([("company_id", "=", company.id)])
    methods = env["pos.payment.method"].create(
        [
            {
                "name": _NAMES.get(code, name),
                "company_id": company.id,
                "journal_id": journals.filtered(lambda journal, code=code: journal.code == code).id,
            }
            for code, (name, _kind, _account) in DESK_JOURNALS.items()
        ]
    )
    _set_up_products(env)
    # The chart proposes 1910, which is the drawer's: an account in between has to be another one.
    chart = env["account.chart.template"].with_company(company)
    company.account_default_pos_receivable_account_id = chart.ref("a1580")
    till = env["pos.config"].create(
        {
            "name": "Receptionen",
            "company_id": company.id,
            "payment_method_ids": [Command.set(methods.ids)],
            "iface_tipproduct": True,
            "tip_product_id": env.ref("brp_demo.tip").id,
            "cash_rounding": True,
            "only_round_cash_method": True,
            "rounding_method": _make_rounding(env, company).id,
        }
    )
    till.sells_in_installments = True
    env.ref("brp_demo.user_desk").group_ids += env.ref("point_of_sale.group_pos_user")
    env.ref("base.user_admin").group_ids += env.ref("point_of_sale.group_pos_manager")
    return till


def _set_up_products(env):
    number = 0
    for group, names in PRODUCTS.items():
        category = env["pos.category"].create({"name": group})
        for name in names:
            product = env.ref(f"brp_demo.{name}")
            product.write({"pos_sequence": number, "pos_categ_ids": [Command.set(category.ids)]})
            # Tips have a button of their own.
            product.available_in_pos = name != "tip"
            number += 1


def _make_rounding(env, company):
    """Return how cash is rounded in Sweden: to whole kronor, on account 3740."""
    account = get_account(env, company, "3740", "Öres- och kronutjämning", "income_other")
    return env["account.cash.rounding"].create(
        {
            "name": "Hela kronor",
            "rounding": 1,
            "rounding_method": "HALF-UP",
            "strategy": "add_invoice_line",
            "profit_account_id": account.id,
            "loss_account_id": account.id,
        }
    )


def set_up_gift_cards(env):
    """Have gift cards with a code, sold for any sum; Odoo's own, without a company, are put away.

    From now on: who bought one before gets no letter with its code.
    """
    env = env(context={**env.context, "lang": LANGUAGE})
    company = env.ref("base.main_company")
    Program = env["loyalty.program"]
    Program.search([("program_type", "in", ("gift_card", "ewallet"))]).active = False
    products = env.ref("loyalty.gift_card_product_50") + env.ref("loyalty.ewallet_product_50")
    products.write({"available_in_pos": False, "sale_ok": False})
    sold = env.ref("brp_demo.gift_card")
    program = Program.create(
        {
            "name": "Presentkort",
            "program_type": "gift_card",
            "company_id": company.id,
            "currency_id": company.currency_id.id,
            **Program._program_type_default_values()["gift_card"],
        }
    )
    program.write(
        {"trigger_product_ids": sold.ids, "pos_report_print_id": env.ref("loyalty.report_gift_card").id}
    )
    redeemed = program.reward_ids.discount_line_product_id.with_company(company)
    redeemed.property_account_income_id = sold.with_company(company).property_account_income_id
