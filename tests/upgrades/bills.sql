-- What a business had entered in test_brp_upgrade 19.0.1.0.0.
INSERT INTO test_brp_upgrade (number, is_paid) VALUES ('2026-001', true), ('2026-002', false);
