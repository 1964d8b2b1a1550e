import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { fileUploadListView } from "@account/views/file_upload_list/file_upload_list_view";
import { FileUploadListRenderer } from "@account/views/file_upload_list/file_upload_list_renderer";

/** The list of reports, onto which Bankgirot's files can be dropped. */
class AutogiroReportListRenderer extends FileUploadListRenderer {
    setup() {
        super.setup();
        this.dropZoneTitle = _t("Drop Bankgirot's files here");
        this.dropZoneDescription = _t("You see what they will do before anything is booked.");
    }
}

registry.category("views").add("brp_autogiro_report_list", {
    ...fileUploadListView,
    Renderer: AutogiroReportListRenderer,
});
