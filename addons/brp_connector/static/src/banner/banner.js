import { Component, onWillStart, useState } from "@odoo/owl";
import { patch } from "@web/core/utils/patch";
import { useService } from "@web/core/utils/hooks";
import { WebClient } from "@web/webclient/webclient";

/** What does not work among the connections to outside services, on top of the web client. */
export class ConnectionBanner extends Component {
    static template = "brp_connector.ConnectionBanner";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ problems: [] });
        const bus = useService("bus_service");
        bus.subscribe("brp_connection_problem", () => this.load());
        onWillStart(() => this.load());
    }

    async load() {
        this.state.problems = await this.orm.silent.call("brp.connection", "get_problems", []);
    }

    async show(problem) {
        await this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "brp.connection",
            res_id: problem.id,
            views: [[false, "form"]],
        });
    }
}

patch(WebClient, {
    components: { ...WebClient.components, ConnectionBanner },
});
