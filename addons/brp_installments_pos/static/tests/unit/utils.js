import { animationFrame, click, waitFor, waitUntil } from "@odoo/hoot-dom";
import { setupPosEnv } from "@point_of_sale/../tests/unit/utils";
import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { mountWithCleanup, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";

/** Odoo's mocked products: the first can be paid in installments here, the others cannot. */
export const CARD = 5;
export const TOWEL = 6;
export const COMBO = 7;
export const CUSTOMER = 3;

/** A till with an order of one of each of the products, for a customer; `shown` tells which screens it goes to. */
export async function setupTill(...products) {
    const store = await setupPosEnv();
    const shown = [];
    patchWithCleanup(store, {
        navigate(page, params) {
            shown.push([page, params.orderUuid]);
        },
    });
    const order = store.addNewOrder({ partner_id: store.models["res.partner"].get(CUSTOMER) });
    for (const product of products) {
        await addProduct(store, order, product);
    }
    return { store, order, shown };
}

export async function addProduct(store, order, product, values = {}) {
    const template = store.models["product.template"].get(product);
    return await store.addLineToOrder({ product_tmpl_id: template, qty: 1, ...values }, order);
}

export async function showPayment(order) {
    await mountWithCleanup(PaymentScreen, { props: { orderUuid: order.uuid } });
}

/** Press the button on the payment screen and wait for what it opens. */
export async function openDialog(order, dialog = ".o_installment_parts") {
    await showPayment(order);
    await click(".o_pay_in_installments");
    await waitFor(dialog);
}

/** Sell by the plan that is shown, and wait for the answer. */
export async function confirm() {
    await click(".o_installment_confirm");
    await animationFrame();
    await waitUntil(() => !document.querySelector(".o_installment_confirm:disabled"));
    await animationFrame();
}

/** Lose the connection at the next call of a method: before the server has heard of it, or when it has `done` it. */
export function loseConnection(method, { done = false } = {}) {
    let lost = false;
    onRpc("pos.order", method, async ({ parent }) => {
        if (lost) {
            return parent();
        }
        lost = true;
        if (done) {
            await parent();
        }
        return new Response("", { status: 502 });
    });
}
