import { InstallmentDialog } from "@brp_installments_pos/app/components/installment_dialog/installment_dialog";
import { usePos } from "@point_of_sale/app/hooks/pos_hook";
import { ConnectionLostError } from "@web/core/network/rpc";
import { KeepLast } from "@web/core/utils/concurrency";
import { patch } from "@web/core/utils/patch";

patch(InstallmentDialog.prototype, {
    setup() {
        super.setup();
        this.pos = usePos();
        this.checks = new KeepLast();
        const number = this.props.plans.find((plan) => plan.personal_number)?.personal_number || "";
        Object.assign(this.state, {
            account: "",
            number,
            later: false,
            wrong: { account: "", number: "" },
        });
    },

    get told() {
        const told = super.told;
        if (!this.state.plan.asks_for_mandate) {
            return told;
        }
        const { account, number, later } = this.state;
        return {
            ...told,
            mandate_account: later ? "" : account,
            mandate_number: later ? "" : number,
            mandate_later: later,
        };
    },

    /** Say at once what is wrong with what has been typed, by the server's rules. */
    async checkMandate() {
        const args = [this.state.account, this.state.number];
        try {
            // What was asked last counts, in whatever order it is answered.
            const check = this.pos.data.call("pos.order", "check_mandate", args);
            this.state.wrong = await this.checks.add(check);
        } catch (error) {
            // It is checked again when it is sold.
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
        }
    },
});
