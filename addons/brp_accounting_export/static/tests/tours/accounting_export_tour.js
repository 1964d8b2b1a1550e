import { registry } from "@web/core/registry";

// What is chosen by its words is what the test itself has named: the screens may be in any language.

const next = (step) => ({
    content: `Leave the step ${step}`,
    trigger: ".modal-footer button[name=action_next]:not(.d-none)",
    run: "click",
});

const rowWith = (name) =>
    `.modal .o_field_widget[name=mapping_ids] tr.o_data_row:has(td[name=name]:contains(${name}))`;

// On the page Integrations: from the card to the first export.
registry.category("web_tour.tours").add("brp_accounting_export_activate", {
    steps: () => [
        {
            content: "Activate Björn Lundén",
            trigger: ".o_kanban_record:contains(Björn Lundén) button[name=action_activate]",
            run: "click",
        },
        next("introduction"),
        {
            content: "Paste the public key",
            trigger: ".modal .o_field_widget[name=key] input",
            run: "edit 6f3c1a52-8f0e-4c57-9d64-5b1d0e9a7c21 && press Tab",
        },
        {
            trigger: ".modal button[name=action_verify]",
            run: "click",
        },
        {
            content: "It tells whose key it is",
            trigger: ".modal .alert-success:contains(Sundby Aktivitetscenter AB)",
        },
        next("key"),
        {
            trigger: ".modal .o_field_widget[name=start_date]",
        },
        next("start date"),
        { trigger: rowWith("Kassa") },
        next("payment methods"),
        { trigger: rowWith("25") },
        next("VAT rates"),
        { trigger: rowWith("Gym") },
        next("product groups"),
        { trigger: `${rowWith("1510")}, .modal td[name=code]:contains(1510)` },
        next("other events"),
        {
            content: "The integration is active",
            trigger: ".modal .fa-check-circle",
        },
        {
            trigger: ".modal-footer button[name=action_close]",
            run: "click",
        },
        {
            content: "The card shows it",
            trigger: ".o_kanban_record:contains(Björn Lundén) .text-bg-success",
        },
        {
            content: "The card's menu",
            trigger: ".o_kanban_record:contains(Björn Lundén) .o_dropdown_kanban button",
            run: "click",
        },
        {
            content: "Export by hand",
            trigger: ".o-dropdown--menu .o_brp_manual_export",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_export]",
            run: "click",
        },
        {
            content: "The vouchers are on their way",
            trigger: ".o_notification",
        },
    ],
});

// Anywhere: an account number is missing, the banner tells, and its button leads to where it is filled in.
registry.category("web_tour.tours").add("brp_accounting_export_mend", {
    steps: () => [
        {
            content: "The banner's button",
            trigger: ".o_brp_connection_banner:contains(Nytt) button",
            run: "click",
        },
        {
            trigger: ".o_form_view .nav-link[name=accounts]",
            run: "click",
        },
        {
            content: "The row without a number",
            trigger: "tr.o_data_row:has(td[name=name]:contains(Nytt)) td[name=code]",
            run: "click",
        },
        {
            trigger: "tr.o_selected_row .o_field_widget[name=code] input",
            run: "edit 3004 && press Tab",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved, .o_form_readonly, .o_form_view:not(:has(.o_form_button_save:visible))",
        },
    ],
});
