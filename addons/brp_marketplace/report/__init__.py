from . import brp_slot_report
