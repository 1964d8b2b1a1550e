import { AlertDialog, ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { Mutex } from "@web/core/utils/concurrency";
import { patch } from "@web/core/utils/patch";
import { PosStore } from "@point_of_sale/app/services/pos_store";
import { BookTimeDialog } from "@brp_marketplace_pos/app/components/book_time_dialog/book_time_dialog";

patch(PosStore.prototype, {
    async setup() {
        // What is held for an order is told in the order in which it was changed.
        this.slotMutex = new Mutex();
        await super.setup(...arguments);
    },

    // === SELLING TIMES === //

    bookTime() {
        const order = this.getOrder() || this.addNewOrder();
        if (order.isRefund) {
            this.dialog.add(AlertDialog, {
                title: _t("This is a refund"),
                body: _t("Finish it first, and book the time in a new order."),
            });
            return;
        }
        this.dialog.add(BookTimeDialog, { order });
    },
    /**
     * Hold places of a time and add them to an order.
     *
     * @param {number} slotId
     * @param {number} places
     * @returns {Promise<string>} why they cannot be had, or nothing
     * @throws {ConnectionLostError}
     */
    async sellTime(order, slotId, places) {
        const refused = await this.holdSlots(order.uuid, () => {
            const wanted = new Map(order.wantedSlots);
            return [...wanted.set(slotId, (wanted.get(slotId) || 0) + places)];
        });
        if (refused) {
            return refused;
        }
        const [slot] = await this.data.read("brp.slot", [slotId]);
        const line = await this.addLineToOrder(
            {
                product_id: slot.product_id,
                product_tmpl_id: slot.product_id.product_tmpl_id,
                price_unit: slot.price_unit,
                price_type: "original",
                qty: places,
                slot_id: slot,
            },
            order,
            {},
            false
        );
        line.setFullProductName();
        return "";
    },
    removeTime(order, line) {
        order.removeOrderline(line);
        this.letGoOfSlots(order.uuid, () => order.wantedSlots);
    },

    // === HOLDING === //

    /**
     * Have the server hold what an order wants, and let go of what it does not want any more.
     *
     * @param {Function} getWanted returns [[time, places]]
     * @returns {Promise<string>} why it cannot be held, or nothing
     * @throws {ConnectionLostError}
     */
    holdSlots(orderUuid, getWanted) {
        return this.slotMutex.exec(() =>
            this.data.call("pos.config", "hold_slots", [[this.config.id], orderUuid, getWanted()])
        );
    },
    async letGoOfSlots(orderUuid, getWanted = () => []) {
        try {
            await this.holdSlots(orderUuid, getWanted);
        } catch (error) {
            // Without connection the places are free again when they have been held for long enough.
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
        }
    },
    async deleteOrders(orders) {
        const holding = orders.filter((order) => order?.wantedSlots.length && !order.finalized);
        const uuids = holding.map((order) => order.uuid);
        const deleted = await super.deleteOrders(...arguments);
        if (deleted) {
            uuids.forEach((uuid) => this.letGoOfSlots(uuid));
        }
        return deleted;
    },

    // === PAYING === //

    async pay() {
        if (await this.mayPaySlots(this.getOrder())) {
            return await super.pay(...arguments);
        }
    },
    /**
     * Make sure that the times of an order are still its own, and that it is known who books them.
     *
     * @returns {Promise<boolean>} whether the order may be paid
     */
    async mayPaySlots(order) {
        if (!order.wantedSlots.length) {
            return true;
        }
        if (!(await this.askWhoBooks(order))) {
            return false;
        }
        try {
            const refused = await this.holdSlots(order.uuid, () => order.wantedSlots);
            if (refused) {
                this.dialog.add(AlertDialog, {
                    title: _t("The time cannot be sold"),
                    body: _t("%s Remove it from the order, and choose another one.", refused),
                });
            }
            return !refused;
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            this.notification.add(
                _t("No connection: it is not known whether the time is still free."),
                { type: "warning" }
            );
            return true;
        }
    },
    async askWhoBooks(order) {
        if (order.getPartner() || order.uiState.bookedByWalkIn) {
            return true;
        }
        const answer = await new Promise((resolve) =>
            this.dialog.add(ConfirmationDialog, {
                title: _t("Who books the time?"),
                body: _t("The booking is found by the customer's name, or by its number and code."),
                confirmLabel: _t("Choose Customer"),
                cancelLabel: _t("Drop-In"),
                confirm: () => resolve("customer"),
                cancel: () => resolve("walk-in"),
                dismiss: () => resolve(false),
            })
        );
        if (answer === "customer") {
            return Boolean(await this.selectPartner(order));
        }
        order.uiState.bookedByWalkIn = answer === "walk-in";
        return order.uiState.bookedByWalkIn;
    },
});
