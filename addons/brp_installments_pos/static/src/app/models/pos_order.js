import { PosOrder } from "@point_of_sale/app/models/pos_order";
import { patch } from "@web/core/utils/patch";

patch(PosOrder.prototype, {
    /** Whether products are given back of an order that was sold in installments. */
    get isInstallmentRefund() {
        return this.lines.some(
            (line) => line.refunded_orderline_id?.order_id?.installment_schedule?.length
        );
    },

    /** The names of what is sold here and has an installment plan. */
    get installmentProducts() {
        return this.lines
            .filter((line) => line.qty > 0 && line.product_id.product_tmpl_id._has_installment_plan)
            .map((line) => line.getFullProductName())
            .join(", ");
    },
});
