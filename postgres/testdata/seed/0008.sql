INSERT INTO api_key (city, id, hash, actor, roles) VALUES ('town', 'k', sha256('k'), 'ann', '{approver}');
INSERT INTO idempotency_key (caller, key, request_sha256, locked_until) VALUES ('town/k', 'once', sha256('r'), now());
