-- A copy of the database does not know Klarna's passwords.
UPDATE brp_connection SET klarna_user = NULL, klarna_password = NULL;
