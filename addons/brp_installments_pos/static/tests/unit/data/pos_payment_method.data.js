import { PosConfig } from "@point_of_sale/../tests/unit/data/pos_config.data";
import { PosPaymentMethod } from "@point_of_sale/../tests/unit/data/pos_payment_method.data";
import { patch } from "@web/core/utils/patch";

export const INSTALLMENT_METHOD = 9;

patch(PosPaymentMethod.prototype, {
    _load_pos_data_fields() {
        return [...super._load_pos_data_fields(), "is_installment"];
    },
});

PosPaymentMethod._records = [
    ...PosPaymentMethod._records,
    {
        id: INSTALLMENT_METHOD,
        name: "Installments",
        is_cash_count: false,
        use_payment_terminal: false,
        split_transactions: true,
        type: "pay_later",
        image: false,
        sequence: 9,
        payment_method_type: "none",
        default_qr: false,
        is_installment: true,
    },
];

PosConfig._records = PosConfig._records.map((config) => ({
    ...config,
    payment_method_ids: [...config.payment_method_ids, INSTALLMENT_METHOD],
}));
