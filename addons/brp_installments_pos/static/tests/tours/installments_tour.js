import { registry } from "@web/core/registry";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Offline from "@point_of_sale/../tests/generic_helpers/offline_util";
import * as Order from "@point_of_sale/../tests/generic_helpers/order_widget_util";
import { refresh, run } from "@point_of_sale/../tests/generic_helpers/utils";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import * as TicketScreen from "@point_of_sale/../tests/pos/tours/utils/ticket_screen_util";

function click(content, trigger) {
    return { content, trigger, run: "click" };
}

function isShown(content, trigger) {
    return { content, trigger };
}

function addFor(customer, ...products) {
    return [
        ...products.map((product) => ProductScreen.addOrderline(product, "1")),
        ...(customer
            ? [ProductScreen.clickPartnerButton(), ProductScreen.clickCustomer(customer)]
            : []),
        ProductScreen.clickPayButton(),
    ].flat();
}

function payInInstallments() {
    return click("Delbetala", ".payment-screen .o_pay_in_installments");
}

function choose(plan, total) {
    return [
        click(plan, `.modal .o_installment_plan:contains(${plan})`),
        isShown(total, `.modal .o_installment_total:contains(${total})`),
        click("sell", ".modal .o_installment_confirm:enabled"),
        ReceiptScreen.isShown(),
    ].flat();
}

/** Lose the next answer of a method: the server hears of it and does it, and the till is not told. */
function loseAnswer(method) {
    return run(() => {
        const { send } = XMLHttpRequest.prototype;
        XMLHttpRequest.prototype.send = function (body) {
            if (body?.includes(`"method":"${method}"`)) {
                XMLHttpRequest.prototype.send = send;
                // As when what stands between them gives up on the server.
                Object.defineProperty(this, "status", { value: 502 });
            }
            return send.call(this, body);
        };
    }, `lose the answer of ${method}`);
}

function sellWithoutAnswer() {
    return [
        Chrome.startPoS(),
        addFor("Astrid Berg", "Year Card"),
        payInInstallments(),
        click("12 months", ".modal .o_installment_plan:contains(12 months)"),
        loseAnswer("sell_in_installments"),
        click("sell", ".modal .o_installment_confirm:enabled"),
        isShown("no answer", ".modal .o_installment_message:contains(No connection)"),
    ].flat();
}

function isSoldInInstallments() {
    return [
        ReceiptScreen.isShown(),
        isShown("the schedule", ".pos-receipt .o_installment_schedule:contains(12 of 12)"),
        isShown("how it was paid", ".pos-receipt .paymentlines:contains(Installments)"),
    ].flat();
}

/** Pay the order that the towel was moved to. */
function payTowel() {
    return [
        Chrome.clickOrders(),
        TicketScreen.selectOrder("100.00"),
        TicketScreen.loadSelectedOrder(),
        Order.hasLine({ productName: "Towel", quantity: "1" }),
        ProductScreen.clickPayButton(),
        PaymentScreen.clickPaymentMethod("Till cash"),
        PaymentScreen.clickValidate(),
        ReceiptScreen.isShown(),
    ].flat();
}

registry.category("web_tour.tours").add("brp_till_installments", {
    steps: () =>
        [
            Chrome.startPoS(),
            // Nobody has been chosen: the till asks who buys.
            addFor(null, "Year Card"),
            payInInstallments(),
            ProductScreen.clickCustomer("Astrid Berg"),
            isShown("the first installment", ".modal .o_installment_parts:contains(1 of 3)"),
            choose("12 months", "12,000.00"),
            isShown("the schedule", ".pos-receipt .o_installment_schedule:contains(12 of 12)"),
            isShown("how it was paid", ".pos-receipt .paymentlines:contains(Installments)"),
            ReceiptScreen.clickNextOrder(),
            // It is given back, and no money leaves the drawer.
            ProductScreen.clickRefund(),
            TicketScreen.selectOrder("12,000"),
            ProductScreen.clickNumpad("1"),
            TicketScreen.toRefundTextContains("To Refund: 1"),
            TicketScreen.confirmRefund(),
            PaymentScreen.isShown(),
            PaymentScreen.clickPaymentMethod("Till cash"),
            PaymentScreen.clickValidate(),
            Dialog.is({ title: "Installments" }),
            Dialog.confirm(),
            click("net it", ".payment-screen .o_pay_in_installments"),
            Dialog.is({ title: "Net Against the Installments" }),
            Dialog.bodyIs("12,000.00"),
            Dialog.confirm("Net"),
            ReceiptScreen.isShown(),
        ].flat(),
});

registry.category("web_tour.tours").add("brp_till_mixed_cart", {
    steps: () =>
        [
            Chrome.startPoS(),
            addFor("Astrid Berg", "Year Card", "Towel"),
            payInInstallments(),
            Dialog.is({ title: "To be paid separately" }),
            Dialog.bodyIs("Towel"),
            Dialog.confirm("Move Them"),
            choose("3 months", "12,000.00"),
            ReceiptScreen.clickNextOrder(),
        ].flat(),
});

registry.category("web_tour.tours").add("brp_till_no_common_plan", {
    steps: () =>
        [
            Chrome.startPoS(),
            addFor("Astrid Berg", "Year Card", "Swimming Course"),
            payInInstallments(),
            Dialog.is({ title: "Not in installments" }),
            Dialog.bodyIs("Year Card (12 months); Swimming Course (3 months)"),
            Dialog.confirm(),
            PaymentScreen.isShown(),
        ].flat(),
});

registry.category("web_tour.tours").add("brp_till_installments_offline", {
    steps: () =>
        [
            Chrome.startPoS(),
            addFor("Astrid Berg", "Year Card"),
            Offline.setOfflineMode(),
            payInInstallments(),
            Dialog.is({ title: "Not in installments" }),
            Dialog.bodyIs("No connection"),
            Dialog.confirm(),
            Offline.setOnlineMode(),
            payInInstallments(),
            choose("3 months", "12,000.00"),
        ].flat(),
});

registry.category("web_tour.tours").add("brp_till_answer_lost", {
    steps: () =>
        [
            sellWithoutAnswer(),
            click("sell again", ".modal .o_installment_confirm:enabled"),
            isSoldInInstallments(),
        ].flat(),
});

registry.category("web_tour.tours").add("brp_till_answer_lost_and_reloaded", {
    steps: () =>
        [
            sellWithoutAnswer(),
            Dialog.discard(),
            refresh(),
            // The till has heard of the sale: the order is among those that are paid.
            ProductScreen.isShown(),
            Chrome.clickOrders(),
            TicketScreen.selectFilter("Paid"),
            TicketScreen.nthRowContains(1, "Astrid Berg"),
            TicketScreen.nthRowContains(1, "12,000.00"),
            TicketScreen.nthRowContains(1, "Paid"),
            TicketScreen.selectFilter("Active"),
            TicketScreen.nthRowNotContains(1, "Astrid Berg"),
        ].flat(),
});

registry.category("web_tour.tours").add("brp_till_added_after_answer_lost", {
    steps: () =>
        [
            sellWithoutAnswer(),
            Dialog.discard(),
            PaymentScreen.clickBack(),
            ProductScreen.addOrderline("Towel", "1"),
            ProductScreen.clickPayButton(),
            payInInstallments(),
            isSoldInInstallments(),
            isShown("the card alone", ".pos-receipt .orderline:contains(Year Card)"),
            isShown("no towel", ".pos-receipt:not(:contains(Towel))"),
            ReceiptScreen.clickNextOrder(),
            payTowel(),
        ].flat(),
});

function noConnection() {
    return [
        Dialog.is({ title: "Not in installments" }),
        Dialog.bodyIs("No connection"),
        Dialog.confirm(),
    ];
}

registry.category("web_tour.tours").add("brp_till_order_not_acknowledged", {
    steps: () =>
        [
            Chrome.startPoS(),
            addFor("Astrid Berg", "Year Card"),
            loseAnswer("sync_from_ui"),
            payInInstallments(),
            noConnection(),
            payInInstallments(),
            choose("12 months", "12,000.00"),
        ].flat(),
});

registry.category("web_tour.tours").add("brp_till_move_not_acknowledged", {
    steps: () =>
        [
            Chrome.startPoS(),
            addFor("Astrid Berg", "Year Card", "Towel"),
            payInInstallments(),
            Dialog.is({ title: "To be paid separately" }),
            loseAnswer("sync_from_ui"),
            Dialog.confirm("Move Them"),
            noConnection(),
            payInInstallments(),
            choose("3 months", "12,000.00"),
            ReceiptScreen.clickNextOrder(),
            payTowel(),
        ].flat(),
});
