INSERT INTO contact (city, id, participant, channel, address, quiet_from, quiet_until)
VALUES ('town', 'c1', 'giver', 'email', 'giver@example.org', 1260, 420);
INSERT INTO contact (city, id, actor, channel, address, secret)
VALUES ('town', 'c2', 'ann', 'webhook', 'https://hooks.example.org/', repeat('s', 32));
INSERT INTO notice (city, id, key, contact, event, kind, subject) VALUES
    ('town', md5('a'), 'match:run:food.produce:1:waiting', 'c2', 'match_waiting', 'match', 'run:food.produce:1');
INSERT INTO notice_attempt (city, notice, n, outcome, detail) VALUES ('town', md5('a'), 1, 'retry', 'connection refused');
INSERT INTO delegation (city, id, approver, deputy, starts_at, ends_at, created_by, created_at)
VALUES ('town', 'd1', 'ann', 'bob', now(), now() + interval '7 days', 'ann', now());
