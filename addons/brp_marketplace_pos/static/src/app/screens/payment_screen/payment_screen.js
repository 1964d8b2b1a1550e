import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { patch } from "@web/core/utils/patch";

patch(PaymentScreen.prototype, {
    async sendPaymentRequest(line) {
        // A card is not charged for a time that somebody else has taken meanwhile.
        if (await this.pos.mayPaySlots(line.pos_order_id)) {
            return await super.sendPaymentRequest(...arguments);
        }
    },
});
