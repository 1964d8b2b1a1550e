import { Component, onWillStart, useState } from "@odoo/owl";
import { NumericInput } from "@point_of_sale/app/components/inputs/numeric_input/numeric_input";
import { usePos } from "@point_of_sale/app/hooks/pos_hook";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { groupBy } from "@web/core/utils/arrays";

/** The dialog in which a time is found and its places are held for the order. */
export class BookTimeDialog extends Component {
    static template = "brp_marketplace_pos.BookTimeDialog";
    static components = { Dialog, NumericInput };
    static props = { order: Object, close: Function };

    setup() {
        this.pos = usePos();
        // free: what the server has told of the day and the activity.
        this.state = useState({ free: null, chosen: null, places: 1, message: "", busy: false });
        onWillStart(() => this.find());
    }

    /** The free times of the day, those that start and end together beside each other. */
    get times() {
        return Object.entries(groupBy(this.state.free.slots, "time"));
    }

    get mayBook() {
        const { busy, chosen, places } = this.state;
        return !busy && chosen && places >= 1 && places <= chosen.free;
    }

    /** Show what is free on a day, or on the same day as before, of the activity that was chosen last. */
    async find(day = this.state.free?.day, activityId = this.pos.lastActivityId) {
        this.state.message = "";
        await this.ask(async () => {
            const args = [[this.pos.config.id], day || false, activityId || false];
            this.state.free = await this.pos.data.call("pos.config", "find_slots", args);
            this.state.chosen = null;
            this.pos.lastActivityId = this.state.free.activity_id;
        });
    }

    choose(slot) {
        Object.assign(this.state, { chosen: slot, places: 1, message: "" });
    }

    async book() {
        const { chosen, places } = this.state;
        await this.ask(async () => {
            const refused = await this.pos.sellTime(this.props.order, chosen.id, places);
            if (refused) {
                // Show what is free now, with why the time cannot be had.
                await this.find();
                this.state.message = refused;
            } else {
                this.props.close();
            }
        });
    }

    /** Ask the server something, and tell if it cannot be asked. */
    async ask(question) {
        this.state.busy = true;
        try {
            await question();
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            this.state.message = _t(
                "No connection. Times are booked with a connection only: others might have them."
            );
        } finally {
            this.state.busy = false;
        }
    }
}
