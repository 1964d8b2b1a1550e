import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { useAsyncLockedMethod } from "@point_of_sale/app/hooks/hooks";
import { ask } from "@point_of_sale/app/utils/make_awaitable_dialog";
import { _t } from "@web/core/l10n/translation";
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
        const netted = await ask(this.dialog, {
            title: _t("Net Against the Installments"),
            body: _t(
                "%s is netted against the installments that are left, and no money is paid out.",
                this.env.utils.formatCurrency(-this.currentOrder.totalDue)
            ),
            confirmLabel: _t("Net"),
            cancelLabel: _t("Discard"),
        });
        if (!netted) {
            return;
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
