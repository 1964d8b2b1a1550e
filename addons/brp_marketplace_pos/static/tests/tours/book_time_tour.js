/* global posmodel */

import { registry } from "@web/core/registry";
import { rpc } from "@web/core/network/rpc";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Offline from "@point_of_sale/../tests/generic_helpers/offline_util";
import * as Order from "@point_of_sale/../tests/generic_helpers/order_widget_util";
import * as Utils from "@point_of_sale/../tests/generic_helpers/utils";
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

function openDialog() {
    return click("Book Time", ".product-screen .o_book_time_button");
}

/** Choose the time of tomorrow at 17:00 or 18:00, as the clocks are set. */
function chooseTomorrow(activity, resource) {
    return [
        openDialog(),
        click(activity, `.modal .o_book_time_activity:contains(${activity})`),
        isShown("it is shown", `.modal .o_book_time_activity.btn-primary:contains(${activity})`),
        click("tomorrow", ".modal .o_book_time_day:eq(1)"),
        isShown("tomorrow is shown", ".modal .o_book_time_day.btn-primary:eq(0):not(:contains(Today))"),
        click(resource, `.modal .o_book_time_slot:contains(${resource})`),
    ];
}

function bookTomorrow(activity, resource) {
    return [
        ...chooseTomorrow(activity, resource),
        click("Book", ".modal .o_book_time_confirm:enabled"),
        isShown("it is in the order", `.orderline .o_line_time:contains(${resource})`),
    ];
}

function hold(uuid, wanted) {
    return rpc("/web/dataset/call_kw/pos.config/hold_slots", {
        model: "pos.config",
        method: "hold_slots",
        args: [[posmodel.config.id], uuid, wanted],
        kwargs: {},
    });
}

/** Have another till take what this one has in its order. */
function takenByAnotherTill() {
    return Utils.run(async () => {
        const order = posmodel.getOrder();
        const wanted = order.wantedSlots;
        await hold(order.uuid, []);
        await hold("another-till", wanted);
    }, "another till takes the time");
}

registry.category("web_tour.tours").add("brp_till_sold_and_refunded", {
    steps: () =>
        [
            Chrome.startPoS(),
            bookTomorrow("Padel", "Bana 1"),
            // It survives that the page is loaded anew.
            Utils.refresh(),
            isShown("the time is there", ".orderline .o_line_time:contains(Bana 1)"),
            ProductScreen.clickLine("Padel 60 min"),
            // Places and price are the time's own; the line can be removed, and the time booked again.
            ProductScreen.clickNumpad("2"),
            Dialog.is({ title: "The time is held as it is" }),
            Dialog.confirm(),
            ProductScreen.clickNumpad("Price", "1"),
            Dialog.is({ title: "The time is held as it is" }),
            Dialog.confirm(),
            ProductScreen.clickNumpad("Qty", "⌫"),
            ProductScreen.orderIsEmpty(),
            bookTomorrow("Padel", "Bana 1"),
            chooseTomorrow("Bad", "Bassängen"),
            click("two places", ".modal .o_book_time_places .fa-plus"),
            click("Book", ".modal .o_book_time_confirm:enabled"),
            Order.hasLine({ productName: "Bad", quantity: "2", price: "190" }),
            ProductScreen.clickPayButton(false),
            Dialog.is({ title: "Who books the time?" }),
            Dialog.confirm("Drop-In", ".btn-secondary"),
            PaymentScreen.clickPaymentMethod("Kassan bank"),
            PaymentScreen.clickValidate(),
            isShown("the receipt tells when", ".pos-receipt .product-name:contains(Padel 60 min, Bana 1)"),
            isShown("and the code", ".pos-receipt .o_line_booking:contains(/Booking .+, code \\d{6}/)"),
            ReceiptScreen.clickNextOrder(),
            ProductScreen.clickRefund(),
            TicketScreen.selectOrder("510"),
            Order.hasLine({ productName: "Padel 60 min", withClass: ".selected" }),
            ProductScreen.clickNumpad("1"),
            TicketScreen.toRefundTextContains("To Refund: 1"),
            TicketScreen.confirmRefund(),
            PaymentScreen.isShown(),
            PaymentScreen.clickPaymentMethod("Kassan bank"),
            PaymentScreen.clickValidate(),
            ReceiptScreen.isShown(),
        ].flat(),
});

registry.category("web_tour.tours").add("brp_till_somebody_was_first", {
    steps: () =>
        [
            Chrome.startPoS(),
            bookTomorrow("Padel", "Bana 1"),
            takenByAnotherTill(),
            ProductScreen.clickPayButton(false),
            Dialog.confirm("Drop-In", ".btn-secondary"),
            Dialog.is({ title: "The time cannot be sold" }),
            Dialog.bodyIs("Bana 1"),
            Dialog.confirm(),
            ProductScreen.clickNumpad("⌫"),
            ProductScreen.orderIsEmpty(),
            // A time that is taken while the dialog is open.
            Utils.run(() => hold("another-till", []), "the other till lets it go"),
            chooseTomorrow("Padel", "Bana 1"),
            Utils.run(async () => {
                const found = await posmodel.data.call("pos.config", "find_slots", [
                    [posmodel.config.id],
                    document.querySelector(".o_book_time_day.btn-primary").dataset.day,
                    posmodel.lastActivityId,
                ]);
                await hold("another-till", [[found.slots[0].id, 1]]);
            }, "the other till takes it again"),
            click("Book", ".modal .o_book_time_confirm:enabled"),
            isShown("it is refused", ".modal .o_book_time_message:contains(is held for somebody)"),
            isShown("and not shown any more", ".modal .o_book_time_slots:not(:has(.o_book_time_slot))"),
            Dialog.discard(),
            ProductScreen.orderIsEmpty(),
        ].flat(),
});

registry.category("web_tour.tours").add("brp_till_without_connection", {
    steps: () =>
        [
            Chrome.startPoS(),
            bookTomorrow("Padel", "Bana 1"),
            Offline.setOfflineMode(),
            openDialog(),
            isShown("there is no connection", ".modal .o_book_time_message:contains(No connection)"),
            Dialog.discard(),
            ProductScreen.clickPayButton(false),
            Dialog.confirm("Drop-In", ".btn-secondary"),
            PaymentScreen.isShown(),
            PaymentScreen.clickPaymentMethod("Kassan bank"),
            PaymentScreen.clickValidate(),
            ReceiptScreen.isShown(),
            Offline.setOnlineMode(),
            ReceiptScreen.clickNextOrder(),
            Utils.run(() => posmodel.syncAllOrders(), "what was sold is sent"),
            isShown("it has been sent", "body:not(:has(.oi-wifi-off))"),
        ].flat(),
});
