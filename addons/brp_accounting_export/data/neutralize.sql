-- A copy of the database neither books in Björn Lundén nor leaves files for the accountant.
UPDATE brp_connection SET bjorn_lunden_key = NULL;
DELETE FROM brp_accounting_activate;
DELETE FROM ir_config_parameter
 WHERE key IN (
    'brp_accounting_export.bjorn_lunden_client_id',
    'brp_accounting_export.bjorn_lunden_client_secret',
    'brp_accounting_export.sie_directory');
