import { PosOrder } from "@point_of_sale/app/models/pos_order";
import { patch } from "@web/core/utils/patch";

patch(PosOrder.prototype, {
    /**
     * The places of times that the order wants to have held.
     *
     * @returns {[number, number][]} time and number of places, each time once
     */
    get wantedSlots() {
        const wanted = new Map();
        for (const line of this.lines.filter((line) => line.slot_id && line.qty > 0)) {
            wanted.set(line.slot_id.id, (wanted.get(line.slot_id.id) || 0) + line.qty);
        }
        return [...wanted];
    },
    getLinesToCompute() {
        // Another pricelist does not change what a time costs.
        return super.getLinesToCompute().filter((line) => !line.slot_id);
    },
});
