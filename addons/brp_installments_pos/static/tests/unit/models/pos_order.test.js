import { expect, test } from "@odoo/hoot";
import { CARD, TOWEL, addProduct, setupTill } from "@brp_installments_pos/../tests/unit/utils";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";

definePosModels();

test("installmentProducts names what is sold and has a plan", async () => {
    const { store, order } = await setupTill(CARD, TOWEL);
    expect(order.installmentProducts).toBe("TEST");
    const [card] = order.lines;
    card.setQuantity(-1);
    expect(order.installmentProducts).toBe("");
    const towels = store.addNewOrder();
    await addProduct(store, towels, TOWEL);
    expect(towels.installmentProducts).toBe("");
});

test("isInstallmentRefund tells what is given back of a sale in installments", async () => {
    const { store, order: sale } = await setupTill(CARD);
    const refund = store.addNewOrder();
    const [sold] = sale.lines;
    expect(refund.isInstallmentRefund).toBe(false);
    const line = await addProduct(store, refund, CARD);
    expect(refund.isInstallmentRefund).toBe(false);
    line.refunded_orderline_id = sold;
    expect(refund.isInstallmentRefund).toBe(false);
    sale.installment_schedule = [["1 of 1", "01/27/2026", "900.00 kr"]];
    expect(refund.isInstallmentRefund).toBe(true);
});
