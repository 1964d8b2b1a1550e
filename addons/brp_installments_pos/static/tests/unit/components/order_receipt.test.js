import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { CARD, setupTill } from "@brp_installments_pos/../tests/unit/utils";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { ReceiptScreen } from "@point_of_sale/app/screens/receipt_screen/receipt_screen";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";

definePosModels();

async function showReceipt(schedule) {
    const { order } = await setupTill(CARD);
    order.installment_schedule = schedule;
    await mountWithCleanup(ReceiptScreen, { props: { orderUuid: order.uuid } });
}

test("the receipt tells the installments", async () => {
    await showReceipt([
        ["1 of 2", "01/27/2026", "470.00 kr"],
        ["2 of 2", "02/27/2026", "470.00 kr"],
    ]);
    expect(queryAllTexts(".pos-receipt .o_installment_schedule td")).toEqual([
        ...["1 of 2", "01/27/2026", "470.00 kr"],
        ...["2 of 2", "02/27/2026", "470.00 kr"],
    ]);
});

test("the receipt of what was paid at once tells none", async () => {
    await showReceipt([]);
    expect(".pos-receipt").toHaveCount(1);
    expect(".o_installment_schedule").toHaveCount(0);
});
