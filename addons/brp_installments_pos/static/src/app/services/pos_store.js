import { InstallmentDialog } from "@brp_installments_pos/app/components/installment_dialog/installment_dialog";
import { PosStore } from "@point_of_sale/app/services/pos_store";
import { ask } from "@point_of_sale/app/utils/make_awaitable_dialog";
import { AlertDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { patch } from "@web/core/utils/patch";

patch(PosStore.prototype, {
    /** Sell an order in installments: all that is known of plans, dates and amounts, the server tells. */
    async payInInstallments(order = this.getOrder()) {
        if (!order.getPartner()) {
            const chosen = await this.selectPartner(order);
            if (!chosen || order.lines.some((line) => line.is_reward_line)) {
                // Odoo works out a customer's rewards by itself, and meanwhile nobody may send the order.
                return;
            }
        }
        try {
            const offer = await this.askForInstallments(order);
            if (offer) {
                this.dialog.add(InstallmentDialog, {
                    plans: offer.plans,
                    warning: offer.warning,
                    sell: (plan, told) => this.sellInInstallments(order, plan, told),
                });
            }
        } catch (error) {
            this.tellInstallmentError(error);
        }
    },

    /** What the order can be sold as, once what has no plan is on an order of its own; else nothing. */
    async askForInstallments(order) {
        const offer = await this.fetchInstallments(order);
        if (!offer) {
            return;
        }
        if (offer.obstacle) {
            this.dialog.add(AlertDialog, { title: _t("Not in installments"), body: offer.obstacle });
            return;
        }
        if (!offer.separate.length) {
            return offer;
        }
        const moved = await ask(this.dialog, {
            title: _t("To be paid separately"),
            body: _t(
                "No installment plan: %s. They are moved to an order of their own, to be paid separately.",
                offer.products
            ),
            confirmLabel: _t("Move Them"),
            cancelLabel: _t("Discard"),
        });
        if (moved) {
            await this.separateLines(order, offer.separate);
            return await this.askForInstallments(order);
        }
    },

    /** Have the server know the order as it is here, and tell what it can be sold as. */
    async fetchInstallments(order) {
        await this.syncForInstallments([order]);
        if (order.finalized) {
            // It was sold before, though nobody told us.
            this.separateAdded(order);
            this.showInstallmentReceipt(order);
            return;
        }
        return await this.data.call("pos.order", "offer_installments", [[order.id]]);
    },

    /** Move what was added to an order after it had been sold: it is not part of what was sold. */
    separateAdded(order) {
        const added = order.lines.filter((line) => !line.isSynced);
        if (added.length) {
            this.moveLines(order, added);
            this.notification.add(
                _t("It was sold before: what was added since is on an order of its own."),
                { type: "warning" }
            );
        }
    },

    /** Have the server know orders as they are here. */
    async syncForInstallments(orders) {
        const options = { orders, force: true, throw: true };
        try {
            await this.syncAllOrders(options);
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            // It refuses what it has done before, if its answer was lost: what it has is read first.
            await this.deviceSync.readDataFromServer();
            await this.syncAllOrders(options);
        }
    },

    /** Move lines to an order of their own, and have the server know it. */
    async separateLines(order, ids) {
        const lines = order.lines.filter((line) => ids.includes(line.id));
        const removed = lines.map((line) => ({ id: line.id, parentId: order.id }));
        const separate = this.moveLines(order, lines);
        try {
            await this.syncForInstallments([order, separate]);
        } catch (error) {
            if (error instanceof ConnectionLostError) {
                // Odoo tells once what was taken off an order, and the server has not heard of it.
                const { unlink } = this.models.commands["pos.order"];
                const others = (unlink.get("lines") || []).filter(({ parentId }) => parentId !== order.id);
                unlink.set("lines", [...others, ...removed]);
            }
            throw error;
        }
    },

    /** Move lines to a new order of the same customer, with the same prices and taxes; return it. */
    moveLines(order, lines) {
        const separate = this.createNewOrder({ partner_id: order.getPartner() });
        // A new order has the till's own.
        separate.pricelist_id = order.pricelist_id;
        separate.fiscal_position_id = order.fiscal_position_id;
        const moved = new Map(lines.map((line) => [line.uuid, this.copyLine(line, separate)]));
        for (const line of lines) {
            if (line.combo_parent_id) {
                moved.get(line.uuid).combo_parent_id = moved.get(line.combo_parent_id.uuid);
            }
        }
        for (const line of lines) {
            line.delete();
        }
        this.addPendingOrder([separate.id]);
        return separate;
    },

    copyLine(line, order) {
        const { id, uuid, combo_line_ids, combo_parent_id, ...values } = line.raw;
        return this.models["pos.order.line"].create({
            ...values,
            order_id: order,
            pack_lot_ids: line.pack_lot_ids.map(({ lot_name }) => ["create", { lot_name }]),
            custom_attribute_value_ids: line.custom_attribute_value_ids.map(
                ({ custom_product_template_attribute_value_id, custom_value }) => [
                    "create",
                    { custom_product_template_attribute_value_id, custom_value },
                ]
            ),
        });
    },

    /** Sell by a plan; return why it cannot be sold, if it cannot. */
    async sellInInstallments(order, plan, told) {
        try {
            const args = [[order.id], plan.id, plan.total, told];
            const data = await this.data.call("pos.order", "sell_in_installments", args);
            this.models.loadConnectedData(await this.data.missingRecursive(data));
            if (!order.finalized) {
                // The till has gone off line since it asked: it reads no answer.
                throw new ConnectionLostError();
            }
            // What other addons do when an order has been paid, as taking its sum off a gift card.
            await this.postSyncAllOrders([order]);
        } catch (error) {
            return this.explainInstallmentError(error);
        }
        this.removePendingOrder(order);
        this.showInstallmentReceipt(order);
    },

    /** How an order was paid that its installments were made for is not changed here. */
    canEditPayment(order) {
        const installments = order.installment_schedule?.length || order.isInstallmentRefund;
        return !installments && super.canEditPayment(order);
    },

    showInstallmentReceipt(order) {
        this.navigate("ReceiptScreen", { orderUuid: order.uuid });
    },

    tellInstallmentError(error) {
        this.dialog.add(AlertDialog, {
            title: _t("Not in installments"),
            body: this.explainInstallmentError(error),
        });
    },

    explainInstallmentError(error) {
        if (error instanceof ConnectionLostError) {
            return _t(
                "No connection. Selling in installments needs one: try again when it is back, and nothing is sold twice."
            );
        }
        if (error instanceof RPCError && error.data?.message) {
            return error.data.message;
        }
        throw error;
    },
});
