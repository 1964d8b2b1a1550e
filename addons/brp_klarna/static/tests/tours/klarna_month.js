import { registry } from "@web/core/registry";

// What is chosen by its words is what the test itself has named: the screens may be in any language.

// On the page Integrations: from the card to the booked payout and its day's document.
registry.category("web_tour.tours").add("brp_klarna_month", {
    steps: () => [
        {
            content: "Activate Klarna",
            trigger: ".o_kanban_record:contains(Klarna) button[name=action_activate]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=user] input",
            run: "edit K123456_brp",
        },
        {
            trigger: ".modal .o_field_widget[name=password] input",
            run: "edit wrong && press Tab",
        },
        {
            content: "A wrong password is told at once",
            trigger: ".modal-footer button[name=action_next]:not(.d-none)",
            run: "click",
        },
        {
            trigger: ".modal .alert-danger .o_field_widget[name=refusal]",
        },
        {
            trigger: ".modal .o_field_widget[name=password] input",
            run: "edit brp-sandbox-secret && press Tab",
        },
        {
            trigger: ".modal-footer button[name=action_next]:not(.d-none)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=start_date]",
        },
        {
            trigger: ".modal-footer button[name=action_next]:not(.d-none)",
            run: "click",
        },
        {
            content: "Accounts are proposed",
            trigger: ".modal .o_field_widget[name=rate_ids] .o_data_row td:contains(12,00)",
        },
        {
            trigger: ".modal-footer button[name=action_next]:not(.d-none)",
            run: "click",
        },
        {
            content: "Klarna is connected",
            trigger: ".modal .fa-check-circle",
        },
        {
            trigger: ".modal-footer button[name=action_close]",
            run: "click",
        },
        {
            content: "The card shows it",
            trigger: ".o_kanban_record:contains(Klarna) .text-bg-success",
        },
    ],
});

// On the page Payouts: what it was made of, its days, and sales and fees by month.
registry.category("web_tour.tours").add("brp_klarna_read", {
    steps: () => [
        {
            trigger: ".o_data_row:contains(TOUR1) td[name=name]",
            run: "click",
        },
        {
            content: "It is posted",
            trigger: ".o_form_view button[name=action_undo]",
        },
        {
            trigger: ".o_notebook .nav-link[name=klarna_days]",
            run: "click",
        },
        {
            content: "The day has its voucher",
            trigger: ".o_field_widget[name=klarna_day_ids] .o_data_row .text-bg-success",
        },
        {
            trigger: "button[name=action_view_lines]",
            run: "click",
        },
        {
            content: "The rows are those of Klarna",
            trigger: ".o_list_view .o_data_row:contains(WEB-1) td:contains(SALE:PURCHASE)",
        },
        {
            trigger: ".breadcrumb-item:first a",
            run: "click",
        },
        {
            trigger: ".o_switch_view.o_pivot",
            run: "click",
        },
        {
            content: "The fees are 3.27 % of the sales",
            trigger: ".o_pivot td:contains(3,27)",
        },
    ],
});
