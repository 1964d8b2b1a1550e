import { expect, test } from "@odoo/hoot";
import { animationFrame, click, queryAllTexts, queryOne, waitFor, waitForNone } from "@odoo/hoot-dom";
import {
    CARD,
    TOWEL,
    addProduct,
    confirm,
    loseConnection,
    openDialog,
    setupTill,
} from "@brp_installments_pos/../tests/unit/utils";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { makeServerError, onRpc } from "@web/../tests/web_test_helpers";

definePosModels();

const NO_CONNECTION =
    "No connection. Selling in installments needs one: try again when it is back, and nothing is sold twice.";

function stepSales() {
    onRpc("pos.order", "sell_in_installments", ({ args }) => void expect.step(args.slice(1)));
}

test("it shows the first plan's installments, and what it comes to", async () => {
    const { order } = await setupTill(CARD);
    await openDialog(order);
    expect(queryAllTexts(".o_installment_plan")).toEqual(["3 months", "2 months"]);
    expect(".o_installment_plan.btn-primary").toHaveText("3 months");
    expect(queryAllTexts(".o_installment_parts tbody td")).toEqual([
        ...["1 of 3", "01/27/2026", "300.00 kr"],
        ...["2 of 3", "02/27/2026", "300.00 kr"],
        ...["3 of 3", "03/27/2026", "300.00 kr"],
    ]);
    expect(queryAllTexts(".o_installment_parts tfoot td")).toEqual(["Total", "900.00 kr"]);
});

test("another plan shows other installments and its fees, and is what is sold by", async () => {
    const { order } = await setupTill(CARD);
    stepSales();
    await openDialog(order);
    await click(".o_installment_plan:contains(2 months)");
    await animationFrame();
    expect(queryAllTexts(".o_installment_parts tbody td")).toEqual([
        ...["1 of 2", "01/27/2026", "470.00 kr"],
        ...["2 of 2", "02/27/2026", "470.00 kr"],
    ]);
    expect(queryAllTexts(".o_installment_parts tfoot td")).toEqual([
        ...["Of which fees", "40.00 kr"],
        ...["Total", "940.00 kr"],
    ]);
    await confirm();
    expect.verifySteps([[2, 940, {}]]);
    expect(order.installment_schedule).toEqual([
        ["1 of 2", "01/27/2026", "470.00 kr"],
        ["2 of 2", "02/27/2026", "470.00 kr"],
    ]);
});

test("a refusal is told in the dialog, and it can be tried again", async () => {
    const { order, shown } = await setupTill(CARD);
    let refused = true;
    onRpc("pos.order", "sell_in_installments", () => {
        if (refused) {
            throw makeServerError({ message: "The price is 950.00 kr by now." });
        }
    });
    await openDialog(order);
    await confirm();
    expect(".o_installment_message").toHaveText("The price is 950.00 kr by now.");
    expect(order.state).toBe("draft");
    expect(shown).toEqual([]);
    // It concerned that plan.
    await click(".o_installment_plan:contains(2 months)");
    await animationFrame();
    expect(".o_installment_message").toHaveCount(0);
    refused = false;
    await confirm();
    expect(shown).toEqual([["ReceiptScreen", order.uuid]]);
});

test("confirmed twice at once, it is sold once", async () => {
    const { order, shown } = await setupTill(CARD);
    stepSales();
    await openDialog(order);
    const button = queryOne(".o_installment_confirm");
    button.click();
    button.click();
    await animationFrame();
    await waitForNone(".o_installment_confirm");
    expect.verifySteps([[3, 900, {}]]);
    expect(shown).toEqual([["ReceiptScreen", order.uuid]]);
});

test("nothing can be pressed while it is being sold", async () => {
    const { order } = await setupTill(CARD);
    const answer = Promise.withResolvers();
    onRpc("pos.order", "sell_in_installments", async ({ parent }) => {
        await answer.promise;
        return parent();
    });
    await openDialog(order);
    await click(".o_installment_confirm");
    await animationFrame();
    expect(".modal-footer button:disabled").toHaveCount(2);
    answer.resolve();
    await waitForNone(".o_installment_confirm");
    expect(order.state).toBe("done");
});

test("without a connection it is not sold, and the second try sells it", async () => {
    const { order, shown } = await setupTill(CARD);
    loseConnection("sell_in_installments");
    await openDialog(order);
    await confirm();
    expect(".o_installment_message").toHaveText(NO_CONNECTION);
    expect([order.state, shown]).toEqual(["draft", []]);
    await confirm();
    expect([order.state, shown]).toEqual(["done", [["ReceiptScreen", order.uuid]]]);
});

test("an answer that is lost leaves the dialog, and the second try shows the receipt", async () => {
    const { store, order, shown } = await setupTill(CARD);
    loseConnection("sell_in_installments", { done: true });
    await openDialog(order);
    await confirm();
    expect(".o_installment_message").toHaveText(NO_CONNECTION);
    expect([order.state, shown]).toEqual(["draft", []]);
    await confirm();
    expect([order.state, shown]).toEqual(["done", [["ReceiptScreen", order.uuid]]]);
    expect(order.payment_ids).toHaveLength(1);
    expect(store.getPendingOrder().orderToUpdate).toEqual([]);
});

test("the till that goes off line while the server answers shows no receipt of what it does not know", async () => {
    const { store, order, shown } = await setupTill(CARD);
    onRpc("pos.order", "sell_in_installments", ({ parent }) => {
        store.data.network.offline = true;
        return parent();
    });
    await openDialog(order);
    await confirm();
    expect(".o_installment_message").toHaveText(NO_CONNECTION);
    expect(shown).toEqual([]);
    store.data.network.offline = false;
});

test("sold while nobody told the till: the receipt is shown and nothing is offered", async () => {
    const { store, order, shown } = await setupTill(CARD);
    loseConnection("sell_in_installments", { done: true });
    onRpc("pos.order", "offer_installments", () => void expect.step("offered"));
    await openDialog(order);
    await confirm();
    await click(".modal-footer button:contains(Discard)");
    await animationFrame();
    await store.payInInstallments(order);
    expect(shown).toEqual([["ReceiptScreen", order.uuid]]);
    expect.verifySteps(["offered"]);
    expect(".o_dialog").toHaveCount(0);
    expect(order.installment_schedule).toHaveLength(3);
});

test("what was added since it was sold is on an order of its own, and not on the receipt", async () => {
    const { store, order, shown } = await setupTill(CARD);
    loseConnection("sell_in_installments", { done: true });
    await openDialog(order);
    await confirm();
    await click(".modal-footer button:contains(Discard)");
    await animationFrame();
    await addProduct(store, order, TOWEL);
    await store.payInInstallments(order);
    expect(shown).toEqual([["ReceiptScreen", order.uuid]]);
    expect(order.lines.map((line) => line.product_id.id)).toEqual([CARD]);
    const [added] = store.models["pos.order"].filter((one) => one.state === "draft");
    expect(added.lines.map((line) => line.product_id.id)).toEqual([TOWEL]);
    await waitFor(".o_notification:contains(what was added since is on an order of its own)");
});
