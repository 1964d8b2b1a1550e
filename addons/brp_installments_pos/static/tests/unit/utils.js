import { setupPosEnv } from "@point_of_sale/../tests/unit/utils";
import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { waitUntil } from "@odoo/hoot-dom";

/** The mocked products: one that can be paid in installments, and one that cannot. */
export const CARD = 5;
export const TOWEL = 6;
export const COMBO = 7;
export const CUSTOMER = 3;

/** A till with an order: one of each of the products, for a customer. */
export async function setupTill(...templates) {
    const store = await setupPosEnv();
    const order = store.addNewOrder({ partner_id: store.models["res.partner"].get(CUSTOMER) });
    for (const template of templates) {
        await addProduct(store, order, template);
    }
    return { store, order };
}

export async function addProduct(store, order, template, values = {}) {
    return await store.addLineToOrder(
        { product_tmpl_id: store.models["product.template"].get(template), qty: 1, ...values },
        order
    );
}

/** Show the payment screen of an order. */
export async function showPayment(order) {
    return await mountWithCleanup(PaymentScreen, { props: { orderUuid: order.uuid } });
}

export async function receiptIsShown(store, order) {
    await waitUntil(() => store.router.state.current === "ReceiptScreen");
    return store.router.state.params.orderUuid === order.uuid;
}
