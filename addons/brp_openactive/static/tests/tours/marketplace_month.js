import { registry } from "@web/core/registry";

// What is chosen by its words is what the test itself has named: the screens may be in any language.

const tours = registry.category("web_tour.tours");
const next = {
    trigger: ".modal-footer button[name=action_next]:not(.d-none)",
    run: "click",
};

// On the page Integrations: an online till is opened, and its token shown.
tours.add("brp_marketplace_open", {
    steps: () => [
        {
            content: "Activate a marketplace",
            trigger: ".o_kanban_record:contains(Tourtorget) button[name=action_activate]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit Tidstorget",
        },
        {
            trigger: ".modal .o_field_widget[name=facility_ids] input",
            run: "edit Tourhallen",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Tourhallen)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=facility_ids] .o_tag:contains(Tourhallen)",
        },
        next,
        {
            content: "The payment method has an account of its own, and its ID is shown",
            trigger: ".modal .o_field_widget[name=method_number]:contains(/[1-9]/)",
        },
        {
            trigger: ".modal .o_field_widget[name=commission] input",
            run: "edit 12",
        },
        next,
        {
            content: "The token is shown, once",
            trigger: ".modal .o_field_widget[name=token]:contains(/[A-Za-z0-9_-]{40}/)",
        },
        {
            trigger: ".modal-footer button[name=action_close]",
            run: "click",
        },
        {
            trigger: ".o_kanban_record:contains(Tidstorget)",
        },
    ],
});

// Among the bookings: one is paid; it is cancelled with a message.
tours.add("brp_marketplace_booked", {
    steps: () => [
        {
            trigger: ".o_data_row:contains(Lisa Tour) .text-bg-success",
        },
        {
            trigger: ".o_data_row:contains(Lisa Tour) td[name=name]",
            run: "click",
        },
        {
            content: "It is paid, at the marketplace",
            trigger: ".o_form_view .o_field_widget[name=connection_id]:contains(Tidstorget)",
        },
        {
            trigger: ".o_statusbar_buttons button:not(.d-none, [name=action_move], [name=action_take_payment])",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=message] textarea",
            run: "edit Lamporna är trasiga",
        },
        {
            trigger: ".modal-footer button[name=action_cancel]",
            run: "click",
        },
        {
            content: "It is cancelled, and the message stands there",
            trigger: ".o_form_view .o_field_widget[name=cancel_message]:contains(Lamporna)",
        },
    ],
});

// In the settings of the till: the month's statement is fetched, and its payout posted.
tours.add("brp_marketplace_payout", {
    steps: () => [
        {
            trigger: "button[name=action_fetch_statement]",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(UTB-) td[name=name]",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_post]",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_undo]",
        },
    ],
});
