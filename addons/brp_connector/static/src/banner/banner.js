import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { patch } from "@web/core/utils/patch";
import { useBus, useService } from "@web/core/utils/hooks";
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
        const load = () => this.load();
        bus.subscribe("brp_connection_problem", load);
        onWillUnmount(() => bus.unsubscribe("brp_connection_problem", load));
        // What was told meanwhile has not been heard.
        useBus(bus, "BUS:RECONNECT", load);
        onWillStart(() => {
            // The web client does not wait for the banner.
            this.load();
        });
    }

    async load() {
        try {
            this.state.problems = await this.orm.silent.call("brp.connection", "get_problems", []);
        } catch {
            // The web client is there for more than this: the server may be away just now.
        }
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
