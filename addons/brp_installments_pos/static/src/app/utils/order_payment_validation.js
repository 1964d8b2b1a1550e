import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import { AlertDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

patch(OrderPaymentValidation.prototype, {
    async askBeforeValidation() {
        if ((await super.askBeforeValidation()) === false) {
            return false;
        }
        const obstacle = this.installmentObstacle;
        if (obstacle) {
            this.pos.dialog.add(AlertDialog, { title: _t("Installments"), body: obstacle });
            return false;
        }
        return true;
    },

    /** Why the order cannot be paid so, before a payment has been taken: the server refuses it as well. */
    get installmentObstacle() {
        if (this.paymentLines.some((line) => line.payment_method_id.is_installment)) {
            return "";
        }
        if (this.order.isInstallmentRefund) {
            return _t(
                "This was sold in installments: what is given back is netted against them, and no money is paid out."
            );
        }
        const only = this.pos.config._installment_only && this.order.installmentProducts;
        return only ? _t("%s can only be sold in installments.", only) : "";
    },
});
