import { PosConfig } from "@point_of_sale/../tests/unit/data/pos_config.data";
import { patch } from "@web/core/utils/patch";

/** What the company has set up. */
export const SETTINGS = { only: false };

patch(PosConfig.prototype, {
    _load_pos_data_read(data) {
        const read = super._load_pos_data_read(data);
        read[0]._installment_only = SETTINGS.only;
        return read;
    },
});
