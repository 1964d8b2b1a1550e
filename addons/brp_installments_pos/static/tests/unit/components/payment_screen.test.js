import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { click, waitFor } from "@odoo/hoot-dom";
import { expect, test } from "@odoo/hoot";
import { CARD, receiptIsShown, setupTill, showPayment } from "@brp_installments_pos/../tests/unit/utils";

definePosModels();

test("an order is sold by the plan that was chosen", async () => {
    const { store, order } = await setupTill(CARD);
    await showPayment(order);
    await click(".o_pay_in_installments");
    await waitFor(".o_installment_parts");
    await click(".o_installment_confirm");
    expect(await receiptIsShown(store, order)).toBe(true);
    expect(order.state).toBe("done");
    expect(order.installment_schedule).toHaveLength(3);
});
