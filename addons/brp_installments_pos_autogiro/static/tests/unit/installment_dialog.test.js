import { expect, test } from "@odoo/hoot";
import { animationFrame, click, edit, press, waitFor, waitUntil } from "@odoo/hoot-dom";
import { PLANS } from "@brp_installments_pos/../tests/unit/data/pos_order.data";
import { CARD, confirm, openDialog, setupTill } from "@brp_installments_pos/../tests/unit/utils";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { makeServerError, onRpc } from "@web/../tests/web_test_helpers";

definePosModels();

const [AUTOGIRO, BY_INVOICE] = PLANS;
const ACCOUNT = "8327-9 123 456 782";
const NUMBER = "19900101-9802";

/** Open the dialog with a plan that is collected by Autogiro, and one that is not; note what is sold. */
async function open({ asks = true, number = "" } = {}) {
    const described = { asks_for_mandate: false, personal_number: "" };
    onRpc("pos.order", "offer_installments", () => ({
        obstacle: false,
        separate: [],
        products: "",
        plans: [
            { ...AUTOGIRO, asks_for_mandate: asks, personal_number: number },
            { ...BY_INVOICE, ...described },
        ],
    }));
    onRpc("pos.order", "sell_in_installments", ({ args }) => void expect.step(args[3]));
    const { order } = await setupTill(CARD);
    await openDialog(order);
    return order;
}

/** What the server finds wrong with what is typed. */
function answerChecks(check) {
    onRpc("pos.order", "check_mandate", ({ args }) => check(...args));
}

async function fill(field, value) {
    await click(field);
    await edit(value);
    await press("Tab");
    await animationFrame();
}

test("account and personal number are told to the server", async () => {
    answerChecks(() => ({ account: "", number: "" }));
    const order = await open();
    await fill(".o_mandate_account", ACCOUNT);
    await fill(".o_mandate_number", NUMBER);
    expect(".o_installment_mandate .text-danger").toHaveCount(0);
    await confirm();
    expect.verifySteps([{ mandate_account: ACCOUNT, mandate_number: NUMBER, mandate_later: false }]);
    expect(order.state).toBe("done");
});

test("what is wrong is told at the field, until it is mended", async () => {
    answerChecks((account, number) => ({
        account: account === ACCOUNT ? "" : "The account number has a wrong check digit.",
        number: number && number !== NUMBER ? "The personal number has a wrong check digit." : "",
    }));
    await open();
    await fill(".o_mandate_account", "8327-9 123 456 789");
    await waitFor("label:has(.o_mandate_account) .text-danger");
    expect("label:has(.o_mandate_account) .text-danger").toHaveText("The account number has a wrong check digit.");
    expect("label:has(.o_mandate_number) .text-danger").toHaveCount(0);
    await fill(".o_mandate_number", "19900101-9803");
    await waitFor("label:has(.o_mandate_number) .text-danger");
    await fill(".o_mandate_account", ACCOUNT);
    await waitUntil(() => !document.querySelector("label:has(.o_mandate_account) .text-danger"));
    await fill(".o_mandate_number", NUMBER);
    await waitUntil(() => !document.querySelector(".o_installment_mandate .text-danger"));
});

test("what was refused can be mended and sold", async () => {
    answerChecks(() => ({ account: "", number: "" }));
    onRpc("pos.order", "sell_in_installments", ({ args }) => {
        if (!args[3].mandate_account) {
            throw makeServerError({ message: "Administrator has no Autogiro mandate." });
        }
    });
    const order = await open();
    await confirm();
    expect(".o_installment_message").toHaveText("Administrator has no Autogiro mandate.");
    await fill(".o_mandate_account", ACCOUNT);
    await confirm();
    expect(order.state).toBe("done");
    expect.verifySteps([
        { mandate_account: "", mandate_number: "", mandate_later: false },
        { mandate_account: ACCOUNT, mandate_number: "", mandate_later: false },
    ]);
});

test("a mandate that comes later takes nothing of what was typed", async () => {
    answerChecks(() => ({ account: "The account number is too short.", number: "" }));
    await open();
    await fill(".o_mandate_account", "12");
    await waitFor(".o_installment_mandate .text-danger");
    await click(".o_mandate_later");
    await animationFrame();
    expect(".o_installment_mandate .text-danger").toHaveCount(0);
    expect(".o_mandate_account").not.toBeEnabled();
    expect(".o_mandate_number").not.toBeEnabled();
    await confirm();
    expect.verifySteps([{ mandate_account: "", mandate_number: "", mandate_later: true }]);
});

test("the customer's masked number stands there, and is left to the server", async () => {
    answerChecks(() => ({ account: "", number: "" }));
    await open({ number: "19900101-****" });
    expect(".o_mandate_number").toHaveValue("19900101-****");
    await fill(".o_mandate_account", ACCOUNT);
    await confirm();
    expect.verifySteps([{ mandate_account: ACCOUNT, mandate_number: "19900101-****", mandate_later: false }]);
});

test("a plan that is not collected by Autogiro asks for nothing and tells nothing", async () => {
    answerChecks(() => ({ account: "", number: "" }));
    await open();
    await fill(".o_mandate_account", ACCOUNT);
    await click(`.o_installment_plan:contains(${BY_INVOICE.name})`);
    await animationFrame();
    expect(".o_installment_mandate").toHaveCount(0);
    await confirm();
    expect.verifySteps([{}]);
});

test("a customer with a mandate is asked for none", async () => {
    await open({ asks: false });
    expect(".o_installment_mandate").toHaveCount(0);
    await confirm();
    expect.verifySteps([{}]);
});

test("without a connection nothing is found wrong, and what was typed stands", async () => {
    answerChecks(() => new Response("", { status: 502 }));
    await open();
    await fill(".o_mandate_account", ACCOUNT);
    expect(".o_mandate_account").toHaveValue(ACCOUNT);
    expect(".o_installment_mandate .text-danger").toHaveCount(0);
    expect(".o_dialog").toHaveCount(1);
});

test("an older check that is answered later does not overrule what was mended", async () => {
    const slow = Promise.withResolvers();
    answerChecks(async (account) => {
        if (account === ACCOUNT) {
            return { account: "", number: "" };
        }
        await slow.promise;
        expect.step("answered late");
        return { account: "The account number is too short.", number: "" };
    });
    await open();
    await fill(".o_mandate_account", "12");
    await fill(".o_mandate_account", ACCOUNT);
    slow.resolve();
    await expect.waitForSteps(["answered late"]);
    await animationFrame();
    expect(".o_installment_mandate .text-danger").toHaveCount(0);
});
