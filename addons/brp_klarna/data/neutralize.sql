-- A copy of the database does not know Klarna's passwords.
UPDATE brp_connection SET klarna_user = NULL, klarna_password = NULL;
-- Nor what is being typed into the dialog.
DELETE FROM brp_klarna_activate;
