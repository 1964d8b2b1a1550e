import { ProductTemplate } from "@point_of_sale/../tests/unit/data/product_template.data";
import { patch } from "@web/core/utils/patch";

/** The products that can be paid in installments: "TEST" alone. */
export const WITH_PLAN = [5];

patch(ProductTemplate.prototype, {
    _load_pos_data_read(data) {
        return data.map((values) => ({ ...values, _has_installment_plan: WITH_PLAN.includes(values.id) }));
    },
});
