import { registry } from "@web/core/registry";
import { inputFiles } from "@web/../tests/utils";

const { DateTime } = luxon;

// What is chosen by its words is what the test itself has named: the screens may be in any language.

// From the quotation's form: sell by Autogiro. A wrong bank account is told at once.
registry.category("web_tour.tours").add("brp_installments_autogiro_sell", {
    steps: () => [
        {
            content: "Press Pay in Installments",
            trigger: "button[name=action_sell_in_installments]",
            run: "click",
        },
        {
            content: "Choose the plan by Autogiro",
            trigger: ".modal .o_field_widget[name=plan_id] input",
            run: "edit Autogiro 3",
        },
        {
            trigger: ".modal .o_field_widget[name=plan_id] .dropdown-item:contains(Autogiro 3)",
            run: "click",
        },
        {
            content: "The customer has no mandate: a wrong bank account is typed",
            trigger: ".modal .o_field_widget[name=mandate_account] input",
            run: "edit 6000 12 && press Tab",
        },
        {
            content: "It is refused with a message",
            trigger: ".modal .o_error_dialog .modal-footer button",
            run: "click",
        },
        {
            content: "Type the right one",
            trigger: ".modal:not(:has(.o_error_dialog)) .o_field_widget[name=mandate_account] input",
            run: "edit 8327-9 123 456 782 && press Tab",
        },
        {
            content: "And the personal number",
            trigger: ".modal .o_field_widget[name=mandate_number] input",
            run: "edit 19900101-9802 && press Tab",
        },
        {
            content: "The preview shows the last of the three",
            trigger: ".modal .o_field_widget[name=preview] tbody tr:nth-child(3)",
        },
        {
            content: "Sell",
            trigger: ".modal button[name=action_sell]",
            run: "click",
        },
        {
            content: "The main invoice is shown",
            trigger: ".o_form_view:has(.o_field_widget[name=move_type]) .nav-link[name=installments]",
        },
    ],
});

// From the list of mandates: the file that asks the bank for those that wait.
registry.category("web_tour.tours").add("brp_installments_autogiro_mandates", {
    steps: () => [
        {
            content: "Open the menu Autogiro",
            trigger: "[data-menu-xmlid='brp_autogiro.menu_autogiro']",
            run: "click",
        },
        {
            content: "Make the mandate file",
            trigger: ".o-dropdown--menu [data-menu-xmlid='brp_autogiro.menu_mandate_file']",
            run: "click",
        },
        {
            content: "See what is in it: four new mandates",
            trigger: ".modal .o_field_widget[name=mandate_ids] .o_data_row:nth-child(4)",
        },
        {
            content: "Go on",
            trigger: ".modal button[name=action_make_file]",
            run: "click",
        },
        {
            content: "It asks for four mandates",
            trigger: ".o_field_widget[name=mandate_count]:contains(4)",
        },
        {
            content: "Put it in the exchange folder",
            trigger: "button[name=action_send_to_folder]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=state] button.o_arrow_button_current[data-value=done]",
        },
    ],
});

// From the list of batches: collect what falls due on the first due day after today that is no cut-off day.
registry.category("web_tour.tours").add("brp_installments_autogiro_collect", {
    steps: () => [
        {
            content: "A new batch",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Choose the day of collection: the 27th at least 26 days ahead",
            trigger: ".o_field_widget[name=payment_date] :is(input, button)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=payment_date] input",
            async run(helpers) {
                const today = DateTime.now().setZone("Europe/Stockholm");
                const month = today.day === 1 ? today : today.plus({ months: 1 });
                await helpers.edit(month.set({ day: 27 }).toISODate());
            },
        },
        {
            content: "List the invoices",
            trigger: "button[name=action_select].btn-primary",
            run: "click",
        },
        {
            content: "Four are collected",
            trigger: ".o_field_widget[name=included_ids] .o_data_row:nth-child(4):not(:has(~ .o_data_row))",
        },
        {
            content: "And one is not",
            trigger: ".nav-link[name=left_out]",
            run: "click",
        },
        {
            content: "With the customer's name and the reason",
            trigger: ".o_field_widget[name=left_out_ids] .o_data_row:contains(Eva) td[name=reason]:not(:empty)",
        },
        {
            content: "Make the file",
            trigger: "button[name=action_make_file]",
            run: "click",
        },
        {
            content: "Put it in the exchange folder",
            trigger: "button[name=action_send_to_folder]",
            run: "click",
        },
        {
            content: "It waits at the bank",
            trigger: ".o_field_widget[name=state] button.o_arrow_button_current[data-value=sent]",
        },
    ],
});

// From the list of batches: cancel all payments of the one at the bank, and think better of it.
registry.category("web_tour.tours").add("brp_installments_autogiro_cancel", {
    steps: () => [
        {
            content: "Open the batch",
            trigger: ".o_data_row td[name=name]",
            run: "click",
        },
        {
            content: "Cancel or move its payments",
            trigger: "button[name=action_change_payments]",
            run: "click",
        },
        {
            content: "All four are in the dialog",
            trigger: ".modal .o_field_widget[name=payment_ids] .o_data_row:nth-child(4)",
        },
        {
            content: "Make the file",
            trigger: ".modal button[name=action_make_file]",
            run: "click",
        },
        {
            content: "The file holds the four",
            trigger: ".o_field_widget[name=change_ids] .o_data_row:nth-child(4)",
        },
        {
            content: "Discard it",
            trigger: "button[name=action_discard]",
            run: "click",
        },
        {
            content: "Yes",
            trigger: ".modal .modal-footer button.btn-primary",
            run: "click",
        },
        {
            content: "It is discarded",
            trigger: ".o_field_widget[name=state] button.o_arrow_button_current[data-value=cancelled]",
        },
    ],
});

/**
 * Chooses report files with the upload button of the list; the test serves them.
 *
 * @param {number} first
 * @param {number} [end]
 */
async function upload(first, end) {
    const answer = await fetch("/brp_installments_autogiro/tour_reports.json");
    const files = (await answer.json()).slice(first, end);
    await inputFiles(
        ".o_control_panel .o_input_file",
        files.map(({ name, text }) => {
            const latin1 = Uint8Array.from(text, (character) => character.charCodeAt(0));
            return new File([latin1], name, { type: "text/plain" });
        })
    );
}

// From the list of reports: upload what the bank has sent, see what it will do, and book it.
registry.category("web_tour.tours").add("brp_installments_autogiro_reports", {
    steps: () => [
        {
            content: "Upload the report of the day of collection",
            trigger: ".o_list_view .o_control_panel button",
            run: () => upload(0, 1),
        },
        {
            content: "It will approve two payments of 4 000.00 each",
            trigger: ".o_form_view .o_field_widget[name=summary] tr:contains(8):contains(000)",
        },
        {
            content: "One is tried again",
            trigger: ".o_form_view .o_field_widget[name=summary] tr:contains(373)",
        },
        {
            content: "One is refused",
            trigger: ".o_form_view .o_field_widget[name=summary] tr:contains(35)",
        },
        {
            content: "Nothing has been booked: book it",
            trigger: "button[name=action_book].btn-primary",
            run: "click",
        },
        {
            content: "It has an entry",
            trigger:
                ".o_form_view:has(.o_field_widget[name=state] button.o_arrow_button_current[data-value=done]) button[name=action_view_entries]",
        },
        {
            content: "Back to the list",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            content: "Upload those of the days after, both at once",
            trigger: ".o_list_view .o_data_row",
            run: () => upload(1),
        },
        {
            content: "They are shown, new",
            trigger:
                ".o_list_view .o_data_row:has(td[name=state] .text-bg-info) + .o_data_row:has(td[name=state] .text-bg-info)",
        },
        {
            content: "Choose both",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Book them",
            trigger: ".o_control_panel button[name=action_book], .o_list_view button[name=action_book]",
            run: "click",
        },
        {
            content: "Both are done",
            trigger:
                ".o_list_view .o_data_row:has(td[name=state] .text-bg-success) + .o_data_row:has(td[name=state] .text-bg-success)",
        },
    ],
});
