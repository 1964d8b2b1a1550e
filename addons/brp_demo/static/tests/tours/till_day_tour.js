import { registry } from "@web/core/registry";
import * as PosLoyalty from "@pos_loyalty/../tests/tours/utils/pos_loyalty_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as NumberPopup from "@point_of_sale/../tests/generic_helpers/number_popup_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import * as TicketScreen from "@point_of_sale/../tests/pos/tours/utils/ticket_screen_util";

function click(content, trigger) {
    return { content, trigger, run: "click" };
}

function pay(method) {
    return [
        PaymentScreen.clickPaymentMethod(method),
        PaymentScreen.clickValidate(),
        ReceiptScreen.clickNextOrder(),
    ].flat();
}

const cash = [
    ProductScreen.addOrderline("Towel", "2"),
    ProductScreen.clickPayButton(),
    PaymentScreen.totalIs("250"),
    pay("Kontant"),
];

const cardWithTip = [
    ProductScreen.addOrderline("Lunch", "1"),
    ProductScreen.clickDisplayedProduct("Card to Give"),
    ProductScreen.clickPayButton(),
    PaymentScreen.clickTipButton(),
    NumberPopup.enterValue("20"),
    Dialog.confirm(),
    PaymentScreen.totalIs("744"),
    pay("Kort"),
];

const giftCardBySwish = [
    ProductScreen.addOrderline("Book", "1"),
    ProductScreen.clickDisplayedProduct("Card to Give"),
    PosLoyalty.createManualGiftCard("044000001", 600),
    ProductScreen.clickPayButton(),
    PaymentScreen.totalIs("653"),
    pay("Swish"),
];

const redeemed = [
    ProductScreen.addOrderline("Towel", "2"),
    PosLoyalty.enterCode("044000001"),
    PosLoyalty.orderTotalIs("0"),
    ProductScreen.clickPayButton(),
    PaymentScreen.clickValidate(),
    ReceiptScreen.clickNextOrder(),
];

const refund = [
    ProductScreen.clickRefund(),
    TicketScreen.selectOrder("250.00"),
    ProductScreen.clickNumpad("1"),
    TicketScreen.confirmRefund(),
    PaymentScreen.isShown(),
    PaymentScreen.totalIs("-125"),
    pay("Kontant"),
];

const inInstallments = [
    ProductScreen.addOrderline("Year Card", "1"),
    PosLoyalty.enterCode("044000001"),
    PosLoyalty.orderTotalIs("1,150.00"),
    ProductScreen.clickPartnerButton(),
    ProductScreen.clickCustomer("Astrid Berg"),
    ProductScreen.clickPayButton(),
    click("Delbetala", ".payment-screen .o_pay_in_installments"),
    click("3 months", ".modal .o_installment_plan:contains(3 months)"),
    click("sell", ".modal .o_installment_confirm:enabled"),
    ReceiptScreen.isShown(),
    ReceiptScreen.clickNextOrder(),
];

const close = [
    Chrome.clickMenuOption("Close Register"),
    ProductScreen.closeWithCashAmount("620"),
    ProductScreen.cashDifferenceIs("-5.00"),
    Dialog.confirm("Close Register"),
    {
        content: "the difference is known",
        trigger: ".modal .btn-primary:contains(Proceed Anyway)",
        run: "click",
        expectUnloadPage: true,
    },
    {
        content: "closed",
        trigger: "button:contains(backend)",
        run: "click",
        expectUnloadPage: true,
    },
    { content: "back in the back office", trigger: "body" },
];

registry.category("web_tour.tours").add("brp_till_day", {
    steps: () =>
        [
            Chrome.startPoS(),
            cash,
            cardWithTip,
            giftCardBySwish,
            redeemed,
            refund,
            inInstallments,
            close,
        ].flat(Infinity),
});
