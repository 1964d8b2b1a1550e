import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { useAsyncLockedMethod } from "@point_of_sale/app/hooks/hooks";
import { patch } from "@web/core/utils/patch";

patch(PaymentScreen.prototype, {
    setup() {
        super.setup();
        this.installmentMethod = this.payment_methods_from_config.find((method) => method.is_installment);
        // Nobody pays so without a plan: it has a button of its own.
        this.payment_methods_from_config = this.payment_methods_from_config.filter(
            (method) => !method.is_installment
        );
        this.payInInstallments = useAsyncLockedMethod(this.payInInstallments);
    },

    async payInInstallments() {
        if (!this.currentOrder.isInstallmentRefund) {
            return await this.pos.payInInstallments(this.currentOrder);
        }
        for (const line of [...this.paymentLines]) {
            this.deletePaymentLine(line.uuid);
        }
        if (await this.addNewPaymentLine(this.installmentMethod)) {
            this.currentOrder.setToInvoice(true);
            await this.validateOrder();
        }
    },
});
