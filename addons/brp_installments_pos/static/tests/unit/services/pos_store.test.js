import { expect, test } from "@odoo/hoot";
import { animationFrame, click, waitFor, waitForNone } from "@odoo/hoot-dom";
import {
    CARD,
    COMBO,
    CUSTOMER,
    TOWEL,
    addProduct,
    loseConnection,
    openDialog,
    setupTill,
} from "@brp_installments_pos/../tests/unit/utils";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { MockServer, onRpc } from "@web/../tests/web_test_helpers";

definePosModels();

const SEPARATE = ".modal:contains(To be paid separately)";

/** What a line is, apart from the order it is on. */
function describe(line) {
    const { product_id, qty, price_unit, full_product_name } = line;
    const taxes = line.tax_ids.map((tax) => tax.id);
    const rest = [line.discount, line.note, line.customer_note].map((value) => value || "");
    return [product_id.id, qty, price_unit, full_product_name, taxes, ...rest];
}

function getOther(store, order) {
    const others = store.models["pos.order"].filter((one) => one !== order);
    expect(others).toHaveLength(1);
    return others[0];
}

test("what has no plan is moved as it is, to an order of the same customer", async () => {
    const { store, order } = await setupTill(CARD, TOWEL);
    const [card, towel] = order.lines;
    towel.setQuantity(3);
    towel.setUnitPrice(79.5);
    towel.setDiscount(10);
    towel.note = '[{"text":"Blue","colorIndex":0}]';
    towel.customer_note = "To be collected";
    const before = describe(towel);
    const price = towel.priceIncl;
    await openDialog(order, SEPARATE);
    expect(".modal-body").toHaveText(
        "No installment plan: TEST 2. They are moved to an order of their own, to be paid separately."
    );
    await click(".modal button:contains(Move Them)");
    await waitFor(".o_installment_parts");
    const separate = getOther(store, order);
    expect(order.lines).toEqual([card]);
    expect(separate.lines.map(describe)).toEqual([before]);
    expect(separate.lines[0].priceIncl).toBe(price);
    expect([separate.partner_id.id, separate.state]).toEqual([CUSTOMER, "draft"]);
    // The server knows both: another till can take payment for it.
    expect([order.isSynced, separate.isSynced]).toEqual([true, true]);
    expect(store.getOrder()).toBe(order);
});

test("the customer's taxes and prices are kept on the order of what is moved", async () => {
    const { store, order } = await setupTill(CARD, TOWEL);
    order.fiscal_position_id = store.models["account.fiscal.position"].get(2);
    order.pricelist_id = store.models["product.pricelist"].get(2);
    const price = order.lines[1].priceIncl;
    await openDialog(order, SEPARATE);
    await click(".modal button:contains(Move Them)");
    await waitFor(".o_installment_parts");
    const separate = getOther(store, order);
    expect([separate.fiscal_position_id?.id, separate.pricelist_id?.id]).toEqual([2, 2]);
    expect(separate.lines[0].priceIncl).toBe(price);
});

test("what is known of the single item is moved with it", async () => {
    const { store, order } = await setupTill(CARD, TOWEL);
    const [, towel] = order.lines;
    store.models["pos.pack.operation.lot"].create({ lot_name: "SN-7", pos_order_line_id: towel });
    await openDialog(order, SEPARATE);
    await click(".modal button:contains(Move Them)");
    await waitFor(".o_installment_parts");
    const [moved] = getOther(store, order).lines;
    expect(moved.pack_lot_ids.map((lot) => lot.lot_name)).toEqual(["SN-7"]);
    const [known] = MockServer.env["pos.order.line"].browse(moved.id);
    expect(MockServer.env["pos.pack.operation.lot"].browse(known.pack_lot_ids)[0]?.lot_name).toBe("SN-7");
});

test("declined, nothing is moved and nothing offered", async () => {
    const { store, order } = await setupTill(CARD, TOWEL);
    await openDialog(order, SEPARATE);
    await click(".modal button:contains(Discard)");
    await waitForNone(".o_dialog");
    await animationFrame();
    expect(order.lines.map((line) => line.product_id.id)).toEqual([CARD, TOWEL]);
    expect(store.models["pos.order"].length).toBe(1);
    expect(".o_installment_parts").toHaveCount(0);
});

test("a combo is moved with its parts", async () => {
    const { store, order } = await setupTill(CARD);
    const item = (id) => store.models["product.combo.item"].get(id);
    const combo = await addProduct(store, order, COMBO, {
        payload: [[{ combo_item_id: item(1), qty: 1 }], [{ combo_item_id: item(3), qty: 1 }]],
    });
    const parts = combo.combo_line_ids.map(describe);
    expect(parts).toHaveLength(2);
    const parent = describe(combo);
    await openDialog(order, SEPARATE);
    await click(".modal button:contains(Move Them)");
    await waitFor(".o_installment_parts");
    const separate = getOther(store, order);
    expect(order.lines.map((line) => line.product_id.id)).toEqual([CARD]);
    expect(separate.lines).toHaveLength(3);
    const moved = separate.lines.find((line) => !line.combo_parent_id);
    expect(describe(moved)).toEqual(parent);
    expect(moved.combo_line_ids.map(describe)).toEqual(parts);
});

test("without a connection nothing is offered, and what was entered is kept", async () => {
    const { order } = await setupTill(CARD);
    loseConnection("offer_installments");
    await openDialog(order, ".modal:contains(Not in installments)");
    expect(".modal-body").toHaveText(/^No connection/);
    await click(".modal-footer button");
    await waitForNone(".o_dialog");
    expect(order.lines).toHaveLength(1);
    await click(".o_pay_in_installments");
    await waitFor(".o_installment_parts");
});

test("the connection that is lost while lines are moved loses no line", async () => {
    const { store, order } = await setupTill(CARD, TOWEL);
    await openDialog(order, SEPARATE);
    const [card, towel] = order.lines.map((line) => line.id);
    loseConnection("sync_from_ui");
    await click(".modal button:contains(Move Them)");
    await waitFor(".modal:contains(No connection)");
    await click(".modal-footer button");
    await waitForNone(".o_dialog");
    onRpc("pos.order", "sync_from_ui", ({ args }) => void expect.step(args[0][0].lines));
    const separate = getOther(store, order);
    expect([order, separate].map((one) => one.lines[0].product_id.id)).toEqual([CARD, TOWEL]);
    await click(".o_pay_in_installments");
    await waitFor(".o_installment_parts");
    expect([order, separate].map((one) => one.lines.length)).toEqual([1, 1]);
    // The server has been told at last what is not on the order any more.
    expect.verifySteps([[[3, towel]]]);
    expect(order.lines[0].id).toBe(card);
});

test("how an order was paid that is paid in installments is not changed", async () => {
    const { store, order } = await setupTill(CARD);
    expect(store.canEditPayment(order)).toBe(true);
    order.installment_schedule = [];
    expect(store.canEditPayment(order)).toBe(true);
    order.installment_schedule = [["1 of 1", "01/27/2026", "900.00 kr"]];
    expect(store.canEditPayment(order)).toBe(false);
    const [sold] = order.lines;
    const refund = store.addNewOrder({ partner_id: order.partner_id });
    store.models["pos.order.line"].create({
        order_id: refund,
        product_id: sold.product_id,
        qty: -1,
        price_unit: 10,
        tax_ids: [],
        refunded_orderline_id: sold,
    });
    expect(store.canEditPayment(refund)).toBe(false);
});
