INSERT INTO outbox (city, topic, payload) VALUES ('town', 'test', '{}');
INSERT INTO audit (city, actor, role, action, kind, subject) VALUES ('town', 'ann', 'operator', 'test', 'city', 'town');
