import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import { AlertDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

patch(OrderPaymentValidation.prototype, {
    async askBeforeValidation() {
        if ((await super.askBeforeValidation()) === false) {
            return false;
        }
        // What a card has been charged for is sold, and the server tells if it cannot be booked.
        const charged = this.paymentLines.some((line) => line.isElectronic() && line.isDone());
        return charged || (await this.pos.mayPaySlots(this.order));
    },
    async afterOrderValidation() {
        if (this.order.slot_warning) {
            this.pos.dialog.add(AlertDialog, {
                title: _t("The time is not booked"),
                body: this.order.slot_warning,
            });
        }
        return await super.afterOrderValidation(...arguments);
    },
});
