-- A copy of the database neither sells at marketplaces nor fetches their statements.
UPDATE brp_connection
   SET marketplace_token_hash = NULL, marketplace_token_hint = NULL,
       marketplace_statement_token = NULL, marketplace_statement_url = NULL;
-- Nor do they know the token that the dialog has just shown: it is in use where the copy was made.
DELETE FROM brp_marketplace_activate;
