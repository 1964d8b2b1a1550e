import { registry } from "@web/core/registry";
import { rpc } from "@web/core/network/rpc";

/** Run the job that sends, as the server does by itself: nothing on the screen asks for it. */
async function sendWhatWaits() {
    const [cron] = await rpc("/web/dataset/call_kw/ir.model.data/search_read", {
        model: "ir.model.data",
        method: "search_read",
        args: [[["module", "=", "brp_connector"], ["name", "=", "ir_cron_send"]], ["res_id"]],
        kwargs: {},
    });
    await rpc("/web/dataset/call_kw/ir.cron/method_direct_trigger", {
        model: "ir.cron",
        method: "method_direct_trigger",
        args: [[cron.res_id]],
        kwargs: {},
    });
}

// Somewhere in the web client, when the service begins to refuse what it is sent; until it works again.
registry.category("web_tour.tours").add("brp_connector_banner", {
    steps: () => [
        {
            content: "All is well",
            trigger: ".o_web_client:not(:has(.o_brp_connection_banner)) .o_list_view",
            run: () => {
                window.brpNotReloaded = true;
                return sendWhatWaits();
            },
        },
        {
            content: "A banner appears by itself and says what is wrong; show it",
            trigger: ".o_brp_connection_banner:contains(Faulty):contains(Unknown key) button:contains(Show)",
            run: "click",
        },
        {
            content: "The connection says the same",
            trigger: ".o_form_view .alert-danger .o_field_widget[name=problem]:contains(Unknown key)",
        },
        {
            content: "Test the connection, now that the key is right",
            trigger: "button[name=action_test]",
            run: "click",
        },
        {
            content: "The service answers",
            trigger: ".o_notification:contains(It has 0 things)",
        },
        {
            content: "The banner has gone",
            trigger: ".o_web_client:not(:has(.o_brp_connection_banner)) .o_form_view",
            run: () => {
                if (!window.brpNotReloaded) {
                    throw new Error("the page was loaded again");
                }
                return sendWhatWaits();
            },
        },
        {
            content: "Look at what was sent",
            trigger: "button[name=action_view_exchanges]",
            run: "click",
        },
        {
            content: "It is done",
            trigger: ".o_list_view .o_data_row:contains(Ada):contains(Done)",
        },
    ],
});

// The page Integrations: one card is activated, one shows its menu.
registry.category("web_tour.tours").add("brp_connector_cards", {
    steps: () => [
        {
            content: "Activate the card",
            trigger: ".o_kanban_record:contains(Shops):contains(A company has several) button:contains(Activate)",
            run: "click",
        },
        {
            content: "It is active, and there is one more to activate",
            trigger:
                ".o_kanban_renderer:has(.o_kanban_record:contains(Shops) button:contains(Activate))" +
                " .o_kanban_record:contains(Shops):contains(Active):not(:has(button:contains(Activate)))",
        },
        {
            content: "Open its menu",
            trigger: ".o_kanban_record:contains(Shops):not(:has(button:contains(Activate)))",
            run:
                "hover && click .o_kanban_record:contains(Shops):not(:has(button:contains(Activate)))" +
                " .o_dropdown_kanban button",
        },
        {
            content: "Which offers to export",
            trigger: ".o-dropdown--menu .dropdown-item:contains(Manual Export)",
        },
        {
            content: "To deactivate",
            trigger: ".o-dropdown--menu .dropdown-item:contains(Deactivate)",
        },
        {
            content: "And to open the settings",
            trigger: ".o-dropdown--menu .dropdown-item:contains(Settings)",
            run: "click",
        },
        {
            content: "They open",
            trigger: ".o_form_view .o_field_widget[name=description]:contains(A company has several)",
        },
    ],
});
