from odoo import models
from odoo.exceptions import AccessError

# What has gone to Bankgirot, and what has come from there.
_KEPT = {"brp.autogiro.batch": "file_data", "brp.autogiro.report": "raw"}


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _refuse_changing_autogiro_files(self):
        if not self.env.su and any(
            _KEPT.get(one.res_model) == one.res_field for one in self.sudo() if one.res_field
        ):
            raise AccessError(self.env._("Files to and from Bankgirot are kept as they are."))

    def write(self, vals):
        """Keep the files to and from Bankgirot as they are."""
        self._refuse_changing_autogiro_files()
        return super().write(vals)

    def unlink(self):
        """Keep the files to and from Bankgirot."""
        self._refuse_changing_autogiro_files()
        return super().unlink()
