import { OrderSummary } from "@point_of_sale/app/screens/product_screen/order_summary/order_summary";
import { AlertDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { patch } from "@web/core/utils/patch";

patch(OrderSummary.prototype, {
    async updateSelectedOrderline({ key }) {
        const order = this.pos.getOrder();
        const line = order.getSelectedOrderline();
        if (!line?.slot_id) {
            return await super.updateSelectedOrderline(...arguments);
        }
        this.numberBuffer.reset();
        if (key === "Backspace") {
            this.pos.removeTime(order, line);
        } else {
            this.dialog.add(AlertDialog, line.lockedSlotAlert);
        }
    },
});
