"""A pytest plugin that makes Odoo's own lint tests look at our addons only (BRP_ADDONS names them)."""

import os


def pytest_sessionstart():
    import odoo.modules
    from odoo.modules import Manifest

    names = os.environ["BRP_ADDONS"].split(",")
    Manifest.all_addon_manifests = staticmethod(lambda: [Manifest.for_addon(name) for name in names])
    odoo.modules.get_modules = lambda: names
