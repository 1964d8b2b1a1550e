import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";

/** The dialog in which a plan is chosen; what it shows, the server has worked out. */
export class InstallmentDialog extends Component {
    static template = "brp_installments_pos.InstallmentDialog";
    static components = { Dialog };
    static props = {
        plans: Array,
        // Sells by a plan; returns why it cannot be sold, and nothing when it has been.
        sell: Function,
        close: Function,
    };

    setup() {
        this.state = useState({ plan: this.props.plans[0], message: "", busy: false });
    }

    choose(plan) {
        Object.assign(this.state, { plan, message: "" });
    }

    async confirm() {
        this.state.busy = true;
        try {
            this.state.message = await this.props.sell(this.state.plan);
        } finally {
            this.state.busy = false;
        }
        if (!this.state.message) {
            this.props.close();
        }
    }
}
