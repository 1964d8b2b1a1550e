import { registry } from "@web/core/registry";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";

function fill(trigger, value) {
    return { content: `fill in ${trigger}`, trigger: `.modal ${trigger}`, run: `edit ${value} && press Tab` };
}

registry.category("web_tour.tours").add("brp_till_mandate", {
    steps: () =>
        [
            Chrome.startPoS(),
            ProductScreen.addOrderline("Year Card", "1"),
            ProductScreen.clickPartnerButton(),
            ProductScreen.clickCustomer("Astrid Berg"),
            ProductScreen.clickPayButton(),
            { content: "Delbetala", trigger: ".o_pay_in_installments", run: "click" },
            { content: "sell", trigger: ".modal .o_installment_confirm:enabled", run: "click" },
            { content: "the mandate is missing", trigger: ".modal .o_installment_message:contains(Autogiro mandate)" },
            fill(".o_mandate_account", "8327-9 123 456 789"),
            fill(".o_mandate_number", "19900101-9803"),
            { content: "it is refused at once", trigger: ".modal .o_installment_mandate .text-danger" },
            fill(".o_mandate_number", "19900101-9802"),
            { content: "it is right", trigger: ".modal .o_installment_mandate:not(:has(.text-danger))" },
            { content: "sell", trigger: ".modal .o_installment_confirm:enabled", run: "click" },
            ReceiptScreen.isShown(),
        ].flat(),
});
