import hashlib
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.modules.module import get_manifest
from odoo.tools import BinaryBytes

from .. import sie
from ..file_folder import FileFolder
from .brp_connection import TIME_ZONE

_DIMENSIONS = {"cost_centre": sie.Dimension.COST_CENTRE, "project": sie.Dimension.PROJECT}
