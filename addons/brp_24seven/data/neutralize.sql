-- A copy of the database does not know 24SevenOffice's passwords and sessions.
UPDATE brp_connection
   SET seven_user = NULL, seven_password = NULL, seven_application = NULL, seven_session = NULL, seven_identity = NULL;
-- Nor what is being typed into the dialog.
DELETE FROM brp_24seven_activate;
