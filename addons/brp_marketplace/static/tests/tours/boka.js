import { registry } from "@web/core/registry";

// What is chosen by its words is what the test itself has named: the page may be in any language.
const go = { expectUnloadPage: true };

// On a telephone, from the choice of what to book to the receipt.
registry.category("web_tour.tours").add("brp_marketplace_boka", {
    steps: () => [
        {
            content: "Choose what to book",
            trigger: ".boka_choice:contains(Padel)",
            run: "click",
            ...go,
        },
        {
            content: "The first day that has times is shown; choose a time of court 2",
            trigger: ".boka section:contains(Bana 2) button.boka_time:contains(17:00)",
            run: "click",
            ...go,
        },
        {
            content: "It is chosen; choose another one",
            trigger: ".boka section:contains(Bana 2) button.boka_time_mine:contains(17:00)",
        },
        {
            trigger: ".boka section:contains(Bana 1) button.boka_time:contains(17:00)",
            run: "click",
            ...go,
        },
        {
            content: "See what is chosen",
            trigger: ".boka_basket summary .boka_more",
            run: "click",
        },
        {
            content: "Change one's mind",
            trigger: ".boka_basket li:contains(Bana 1) button",
            run: "click",
            ...go,
        },
        {
            trigger: ".boka section:contains(Bana 1) button.boka_time:not(.boka_time_mine):contains(17:00)",
        },
        {
            trigger: ".boka_basket a[href*='/boka/kassa']",
            run: "click",
            ...go,
        },
        {
            trigger: "#boka_name",
            run: "edit Kim Exempel",
        },
        {
            content: "A mistake in the address",
            trigger: "#boka_email",
            run: "edit kim@example",
        },
        {
            trigger: "#boka_phone",
            run: "edit 070-174 06 05",
        },
        {
            trigger: "button[value=plats]",
            run: "click",
            ...go,
        },
        {
            content: "It is told, and the rest is still there",
            trigger: "#boka_email.is-invalid",
        },
        {
            trigger: "#boka_name:value(Kim Exempel)",
        },
        {
            trigger: "#boka_email",
            run: "edit kim@example.com",
        },
        {
            trigger: "button[value=plats]",
            run: "click",
            ...go,
        },
        {
            content: "The receipt has a code for the door",
            trigger: ".boka_code .boka_digits:contains(/^[0-9]{6}$/)",
        },
        {
            trigger: ".boka_facts:contains(Bana 2)",
        },
        {
            content: "Cancel it after all",
            trigger: "a[href*='/avboka']",
            run: "click",
            ...go,
        },
        {
            trigger: "button.btn-danger",
            run: "click",
            ...go,
        },
        {
            trigger: ".boka_done.fa-times-circle",
        },
    ],
});
