from . import account_bank_statement_line, brp_connection, pos_config, pos_session, report_sale_details
