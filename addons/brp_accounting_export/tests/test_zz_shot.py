from odoo.tests import HttpCase, tagged
from .test_sie import SieCommon, DAY, NEXT
WAIT = """
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const find = async (sel) => { for (let i = 0; i < 100; i++) { const el = [...document.querySelectorAll(sel)].at(-1); if (el) return el; await sleep(100); } throw new Error(sel); };
"""
@tagged("post_install", "-at_install")
class TestShot(SieCommon, HttpCase):
    def test_shots(self):
        self.bookkeeper.password = "export_bookkeeper"
        self.set_code(f"group:{self.group.id}:12", False)
        self.sell({25: 100}, DAY)
        self.sell({12: 100}, NEXT)
        try:
            self.browser_js(f"/odoo/brp.connection/{self.connection.id}", f"(async () => {{ {WAIT} await find('.o_form_view'); (await find('button[name=action_manual_export]')).click(); await find('.modal .o_form_view'); await sleep(1500); console.error('shot'); }})()", login="export_bookkeeper", timeout=60)
        except Exception as e:
            pass
