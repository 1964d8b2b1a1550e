import { Component, useState } from "@odoo/owl";
import { useAsyncLockedMethod } from "@point_of_sale/app/hooks/hooks";
import { Dialog } from "@web/core/dialog/dialog";

/** The dialog in which a plan is chosen; what it shows, the server has worked out. */
export class InstallmentDialog extends Component {
    static template = "brp_installments_pos.InstallmentDialog";
    static components = { Dialog };
    static props = {
        plans: Array,
        // What the cashier should know before, as that invoices cannot be sent; or nothing.
        warning: { type: String, optional: true },
        // Sells by a plan, with what else has been asked for; returns why it cannot be sold, and nothing when it has been.
        sell: Function,
        close: Function,
    };

    setup() {
        this.state = useState({ plan: this.props.plans[0], message: "", busy: false });
        this.confirm = useAsyncLockedMethod(this.confirm);
    }

    choose(plan) {
        Object.assign(this.state, { plan, message: "" });
    }

    /** What else the server is told of the sale. */
    get told() {
        return {};
    }

    async confirm() {
        this.state.busy = true;
        try {
            this.state.message = await this.props.sell(this.state.plan, this.told);
        } finally {
            this.state.busy = false;
        }
        if (!this.state.message) {
            this.props.close();
        }
    }
}
