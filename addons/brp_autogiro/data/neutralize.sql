-- a copy of the database sends nothing to a bank and reads nothing from one
DELETE FROM ir_config_parameter WHERE key = 'brp_autogiro.directory';
UPDATE res_company SET autogiro_automatic = false, autogiro_seal_key = NULL;
