import { expect, test } from "@odoo/hoot";
import { animationFrame, click, queryAllTexts, queryOne, waitFor, waitForNone, waitUntil } from "@odoo/hoot-dom";
import {
    CARD,
    CUSTOMER,
    TOWEL,
    confirm,
    openDialog,
    setupTill,
    showPayment,
} from "@brp_installments_pos/../tests/unit/utils";
import { INSTALLMENT_METHOD } from "@brp_installments_pos/../tests/unit/data/pos_payment_method.data";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { onRpc } from "@web/../tests/web_test_helpers";

definePosModels();

test("sold by the plan that is shown", async () => {
    const { order, shown } = await setupTill(CARD);
    await openDialog(order);
    await confirm();
    expect(shown).toEqual([["ReceiptScreen", order.uuid]]);
    expect(order.state).toBe("done");
    expect(order.payment_ids.map((line) => line.payment_method_id.id)).toEqual([INSTALLMENT_METHOD]);
    expect(".o_dialog").toHaveCount(0);
});

test("installments have a button of their own, and are no method among others", async () => {
    const { order } = await setupTill(CARD);
    await showPayment(order);
    expect(queryAllTexts(".paymentmethod")).toEqual(["Cash", "Card"]);
    expect(".o_pay_in_installments").toHaveText("Pay in Installments");
});

test("a till that does not sell in installments has no button", async () => {
    const { store, order } = await setupTill(CARD);
    const methods = store.config.payment_method_ids.filter((method) => !method.is_installment);
    store.config.payment_method_ids = methods;
    await showPayment(order);
    expect(".paymentmethod").toHaveCount(2);
    expect(".o_pay_in_installments").toHaveCount(0);
});

test("it asks who buys, and does nothing without a customer", async () => {
    const { order, shown } = await setupTill(CARD);
    order.setPartner(false);
    onRpc("pos.order", "offer_installments", () => expect.step("offered"));
    await openDialog(order, ".modal:contains(Choose customer)");
    await click(".modal button:contains(Discard)");
    await waitForNone(".o_dialog");
    await animationFrame();
    expect.verifySteps([]);
    expect(shown).toEqual([]);
    expect(order.state).toBe("draft");
});

test("it goes on with the customer that is chosen", async () => {
    const { order } = await setupTill(CARD);
    order.setPartner(false);
    await openDialog(order, ".modal:contains(Choose customer)");
    await click(`.partner-info[data-id='${CUSTOMER}']`);
    await waitFor(".o_installment_parts");
    expect(order.partner_id.id).toBe(CUSTOMER);
});

test("what stands in the way is told, and no plan is shown", async () => {
    const { order } = await setupTill(CARD);
    onRpc("pos.order", "offer_installments", () => ({
        obstacle: "Take its payments away first.",
        separate: [],
        products: "",
        plans: [],
    }));
    await openDialog(order, ".modal:contains(Not in installments)");
    expect(".modal-body").toHaveText("Take its payments away first.");
    expect(".o_installment_parts").toHaveCount(0);
});

test("pressed twice, it opens one dialog", async () => {
    const { order } = await setupTill(CARD);
    onRpc("pos.order", "offer_installments", () => void expect.step("offered"));
    await showPayment(order);
    const button = queryOne(".o_pay_in_installments");
    button.click();
    button.click();
    await waitFor(".o_installment_parts");
    await animationFrame();
    expect.verifySteps(["offered"]);
    expect(".o_dialog").toHaveCount(1);
});

test("what is given back is netted as a whole, and is invoiced", async () => {
    const { store, order: sale } = await setupTill(CARD, TOWEL);
    await openDialogAndSell(store, sale);
    const order = store.addNewOrder({ partner_id: sale.partner_id });
    const [sold] = sale.lines;
    store.models["pos.order.line"].create({
        order_id: order,
        product_id: sold.product_id,
        qty: -1,
        price_unit: 10,
        tax_ids: [],
        refunded_orderline_id: sold,
    });
    order.addPaymentline(store.models["pos.payment.method"].get(1));
    await showPayment(order);
    expect(".o_pay_in_installments").toHaveText("Net Against the Installments");
    await click(".o_pay_in_installments");
    await waitFor(".modal-body:contains(10.00)");
    await click(".modal-footer button:contains(Discard)");
    await waitForNone(".modal");
    expect(order.state).toBe("draft");
    await click(".o_pay_in_installments");
    await waitFor(".modal-footer button:contains(Net)");
    await click(".modal-footer button:contains(Net)");
    await waitUntil(() => order.state !== "draft");
    expect(order.payment_ids.map((line) => [line.payment_method_id.id, line.amount])).toEqual([
        [INSTALLMENT_METHOD, -10],
    ]);
    expect(order.isToInvoice()).toBe(true);
});

/** Sell what has a plan of an order, without a screen. */
async function openDialogAndSell(store, order) {
    await store.syncAllOrders({ orders: [order], force: true, throw: true });
    await store.sellInInstallments(order, { id: 3, total: 900 }, {});
}
