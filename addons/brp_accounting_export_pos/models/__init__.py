from . import brp_connection, pos_config, pos_session, report_sale_details
