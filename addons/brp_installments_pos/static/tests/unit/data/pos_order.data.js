import { PosOrder } from "@point_of_sale/../tests/unit/data/pos_order.data";
import { PosOrderLine } from "@point_of_sale/../tests/unit/data/pos_order_line.data";
import { makeServerError } from "@web/../tests/web_test_helpers";
import { patch } from "@web/core/utils/patch";
import { INSTALLMENT_METHOD } from "./pos_payment_method.data";
import { WITH_PLAN } from "./product_template.data";

/** Two plans, as the server describes them. */
export const PLANS = [
    {
        id: 3,
        name: "3 months",
        total: 900,
        total_shown: "900.00 kr",
        fees_shown: "",
        parts: [
            { label: "1 of 3", due: "01/27/2026", amount: "300.00 kr" },
            { label: "2 of 3", due: "02/27/2026", amount: "300.00 kr" },
            { label: "3 of 3", due: "03/27/2026", amount: "300.00 kr" },
        ],
    },
    {
        id: 2,
        name: "2 months",
        total: 940,
        total_shown: "940.00 kr",
        fees_shown: "40.00 kr",
        parts: [
            { label: "1 of 2", due: "01/27/2026", amount: "470.00 kr" },
            { label: "2 of 2", due: "02/27/2026", amount: "470.00 kr" },
        ],
    },
];

patch(PosOrderLine.prototype, {
    _load_pos_data_fields() {
        return [...super._load_pos_data_fields(), "is_installment_fee"];
    },
});

patch(PosOrder.prototype, {
    /** What has been sold is not changed by a till that does not know of it. */
    sync_from_ui(data) {
        const sold = data.flatMap(({ id }) => (id ? this.browse(id) : [])).filter((order) => order.state !== "draft");
        if (!sold.length) {
            return super.sync_from_ui(data);
        }
        return this.read_pos_data(
            sold.map((order) => order.id),
            [],
            1
        );
    },

    /** What the server documents of the method: see models/pos_order.py. */
    offer_installments([id]) {
        const [order] = this.browse(id);
        const lines = this.env["pos.order.line"].browse(order.lines);
        const offered = (line) => {
            const [parent] = this.env["pos.order.line"].browse(line.combo_parent_id || line.id);
            const [product] = this.env["product.product"].browse(parent.product_id);
            return WITH_PLAN.includes(product.product_tmpl_id);
        };
        const separate = lines.filter((line) => !offered(line));
        return {
            obstacle: order.partner_id ? "" : "Choose a customer first.",
            warning: "",
            separate: separate.map((line) => line.id),
            products: separate.map((line) => line.full_product_name).join(", "),
            plans: PLANS,
        };
    },

    /** Sold once; told again, it tells that it is done. */
    sell_in_installments([id], planId, total, told) {
        const [order] = this.browse(id);
        const plan = PLANS.find((one) => one.id === planId);
        if (order.state !== "draft") {
            return this.read_pos_data([id], [], 1);
        }
        if (total !== plan.total) {
            throw makeServerError({ message: `The price is ${plan.total_shown} by now.` });
        }
        const payment = this.env["pos.payment"].create({
            pos_order_id: id,
            payment_method_id: INSTALLMENT_METHOD,
            amount: total,
        });
        this.write([id], {
            state: "done",
            amount_total: total,
            amount_paid: total,
            to_invoice: true,
            payment_ids: [payment],
            installment_schedule: plan.parts.map((part) => [part.label, part.due, part.amount]),
        });
        return this.read_pos_data([id], [], 1);
    },
});
