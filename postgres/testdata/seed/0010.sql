UPDATE participant SET operator = 'Chain' WHERE id = 'giver';
UPDATE api_key SET works_for = 'giver' WHERE id = 'k';
INSERT INTO vouch (city, voucher, vouched, actor, created_at) VALUES ('town', 'giver', 'receiver', 'ann', now());
INSERT INTO affinity (city, giver, receiver, permille) VALUES ('town', 'giver', 'receiver', 500);
INSERT INTO affinity_state (city, position, as_of) VALUES ('town', 1, now());
UPDATE run SET affinity = '{"state": "current", "pairs": 1}';
