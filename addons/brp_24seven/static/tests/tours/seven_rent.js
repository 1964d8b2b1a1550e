import { registry } from "@web/core/registry";

// What is chosen by its words is what the test itself has named: the screens may be in any language.

const next = {
    trigger: ".modal-footer button[name=action_next]:not(.d-none)",
    run: "click",
};

// On the page Integrations: from the card to the chosen company.
registry.category("web_tour.tours").add("brp_24seven_connect", {
    steps: () => [
        {
            content: "Activate 24SevenOffice",
            trigger: ".o_kanban_record:contains(24SevenOffice) button[name=action_activate]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=user] input",
            run: "edit api@sundby.example",
        },
        {
            trigger: ".modal .o_field_widget[name=application] input",
            run: "edit 5b1f1c1e-24f0-4c7e-9a55-2d6f0b3c8a11",
        },
        {
            trigger: ".modal .o_field_widget[name=password] input",
            run: "edit wrong && press Tab",
        },
        next,
        {
            content: "A wrong password is told at once",
            trigger: ".modal .alert-danger .o_field_widget[name=refusal]",
        },
        {
            trigger: ".modal .o_field_widget[name=password] input",
            run: "edit brp-sandbox-secret && press Tab",
        },
        next,
        {
            content: "The user may work in two companies",
            trigger: ".modal .o_field_widget[name=identity_id] .o_radio_item:contains(Sundby) input",
            run: "click",
        },
        next,
        {
            content: "The VAT codes of sales are proposed",
            trigger: ".modal .o_field_widget[name=vat_ids] .o_data_row td:contains(2611)",
        },
        next,
        {
            content: "24SevenOffice is connected",
            trigger: ".modal .fa-check-circle",
        },
        {
            trigger: ".modal-footer button[name=action_close]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
    ],
});

// On an order of a tractor for three days: from the order to the invoice on its way.
registry.category("web_tour.tours").add("brp_24seven_send", {
    steps: () => [
        {
            trigger: ".o_field_widget[name=order_line] td[name=rent_start]:not(:empty)",
        },
        {
            content: "Invoice the order",
            trigger: "button#create_invoice",
            run: "click",
        },
        {
            trigger: ".modal button#create_invoice_open, .modal button[name=create_invoices]",
            run: "click",
        },
        {
            trigger: "button[name=action_post]:not(.d-none)",
            run: "click",
        },
        {
            content: "It is data for accounting: send it",
            trigger: "button[name=action_seven_send]:not(.d-none)",
            run: "click",
        },
        {
            content: "It is on its way",
            trigger: ".o_field_widget[name=seven_state]",
        },
    ],
});

// On the invoice, which has been paid at 24SevenOffice.
registry.category("web_tour.tours").add("brp_24seven_check", {
    steps: () => [
        {
            content: "Ask what has become of it",
            trigger: "button[name=action_seven_check]",
            run: "click",
        },
        {
            content: "It is paid",
            trigger: ".o_field_widget[name=seven_paid_date]",
        },
    ],
});
