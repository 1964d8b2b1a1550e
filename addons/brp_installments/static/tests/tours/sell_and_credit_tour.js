import { registry } from "@web/core/registry";

// From the quotation's form, in Swedish: sell the year card in twelve parts, look at the
// installments of the main invoice, and credit the first of them.
registry.category("web_tour.tours").add("brp_installments_sell_and_credit", {
    steps: () => [
        {
            content: "Press Delbetala",
            trigger: "button[name=action_sell_in_installments]:contains(Delbetala)",
            run: "click",
        },
        {
            content: "Choose the plan",
            trigger: ".modal .o_field_widget[name=plan_id] input",
            run: "edit 12 månader",
        },
        {
            trigger: ".modal .o_field_widget[name=plan_id] .dropdown-item:contains(12 månader)",
            run: "click",
        },
        {
            content: "The preview shows the last of the twelve",
            trigger: ".modal .o_field_widget[name=preview] td:contains(12 av 12)",
        },
        {
            content: "Sell",
            trigger: ".modal button[name=action_sell]:contains(Sälj)",
            run: "click",
        },
        {
            content: "The main invoice is shown, settled",
            trigger: ".o_form_view:has(.o_field_widget[name=move_type]) .nav-link[name=installments]:contains(Delbetalningar)",
            run: "click",
        },
        {
            content: "Open the first installment",
            trigger: ".o_field_widget[name=installment_ids] tr.o_data_row:contains(1 av 12) .o_list_record_open_form_view button",
            run: "click",
        },
        {
            content: "It says which it is",
            trigger: "button[name=action_view_installment_main]:contains(1 av 12)",
        },
        {
            content: "Credit it: one click, no dialog",
            trigger: "button[name=action_reverse]",
            run: "click",
        },
        {
            content: "It is told where the debt went",
            trigger: ".o_notification:contains(Skulden flyttades)",
        },
        {
            content: "Go to the main invoice",
            trigger: "button[name=action_view_installment_main]",
            run: "click",
        },
        {
            content: "It has the installment's amount left to pay",
            trigger: ".nav-link[name=installments]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=installment_ids] tr.o_data_row:contains(Krediterad)",
        },
    ],
});
