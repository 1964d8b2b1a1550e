-- A copy of the database neither sells at marketplaces nor fetches their statements.
UPDATE brp_connection
   SET marketplace_token_hash = NULL, marketplace_token_hint = NULL,
       marketplace_statement_token = NULL, marketplace_statement_url = NULL
 WHERE provider = 'marketplace';
