import { PosOrderline } from "@point_of_sale/app/models/pos_order_line";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

patch(PosOrderline.prototype, {
    setFullProductName() {
        super.setFullProductName();
        const slot = this.slot_id || this.refunded_orderline_id?.slot_id;
        if (slot) {
            this.full_product_name = `${this.full_product_name}, ${slot.display_name}`;
        }
    },
    canBeMergedWith(line) {
        return !this.slot_id && !line.slot_id && super.canBeMergedWith(...arguments);
    },
    setQuantity() {
        return this.slot_id ? this.lockedSlotAlert : super.setQuantity(...arguments);
    },
    setDiscount() {
        if (!this.slot_id) {
            super.setDiscount(...arguments);
        }
    },
    /** What is told to who tries to change places or price of a time. */
    get lockedSlotAlert() {
        return {
            title: _t("The time is held as it is"),
            body: _t(
                "Its price is that of the time. For another number of places, remove the line and book the time again."
            ),
        };
    },
});
