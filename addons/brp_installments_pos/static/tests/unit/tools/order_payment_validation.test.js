import { expect, test } from "@odoo/hoot";
import { waitFor } from "@odoo/hoot-dom";
import { CARD, TOWEL, addProduct, setupTill } from "@brp_installments_pos/../tests/unit/utils";
import { SETTINGS } from "@brp_installments_pos/../tests/unit/data/pos_config.data";
import { INSTALLMENT_METHOD } from "@brp_installments_pos/../tests/unit/data/pos_payment_method.data";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import { MainComponentsContainer } from "@web/core/main_components_container";
import { mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";

definePosModels();

const CASH = 1;
const NETTED =
    "This was sold in installments: what is given back is netted against them, and no money is paid out.";

/** Pay an order by a method; tell whether it went through, as far as installments are concerned. */
async function pay(store, order, method) {
    const payment = order.addPaymentline(store.models["pos.payment.method"].get(method));
    expect(payment.status).toBe(true);
    const validation = new OrderPaymentValidation({ pos: store, orderUuid: order.uuid });
    return await validation.askBeforeValidation();
}

async function setupRefund() {
    const { store, order: sale } = await setupTill(CARD);
    sale.installment_schedule = [["1 of 1", "01/27/2026", "900.00 kr"]];
    const refund = store.addNewOrder({ partner_id: sale.partner_id });
    const line = await addProduct(store, refund, CARD);
    line.setQuantity(-1);
    line.refunded_orderline_id = sale.lines[0];
    return { store, refund };
}

test("no money is paid out for what was sold in installments", async () => {
    const { store, refund } = await setupRefund();
    await mountWithCleanup(MainComponentsContainer);
    expect(await pay(store, refund, CASH)).toBe(false);
    await waitFor(".modal:contains(Installments)");
    expect(".modal-body").toHaveText(NETTED);
});

test("it is netted", async () => {
    const { store, refund } = await setupRefund();
    expect(await pay(store, refund, INSTALLMENT_METHOD)).toBe(true);
});

test("what is only sold in installments is not paid otherwise", async () => {
    patchWithCleanup(SETTINGS, { only: true });
    const { store, order } = await setupTill(CARD, TOWEL);
    await mountWithCleanup(MainComponentsContainer);
    expect(await pay(store, order, CASH)).toBe(false);
    await waitFor(".modal:contains(Installments)");
    expect(".modal-body").toHaveText("TEST can only be sold in installments.");
});

test("what is only sold in installments is paid with installments", async () => {
    patchWithCleanup(SETTINGS, { only: true });
    const { store, order } = await setupTill(CARD);
    expect(await pay(store, order, INSTALLMENT_METHOD)).toBe(true);
});

test("what has no plan is paid as ever", async () => {
    patchWithCleanup(SETTINGS, { only: true });
    const { store, order } = await setupTill(TOWEL);
    expect(await pay(store, order, CASH)).toBe(true);
});

test("what may be paid in installments may be paid otherwise", async () => {
    const { store, order } = await setupTill(CARD);
    expect(await pay(store, order, CASH)).toBe(true);
});
