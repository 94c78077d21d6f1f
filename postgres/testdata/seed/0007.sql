INSERT INTO decision (city, id, kind, party, actor, role, match, origin, created_at)
VALUES ('town', 'd', 'approve', 'city', 'ann', 'approver', 'run:food.produce:1', 'observed', now());
INSERT INTO valuation (city, id, scope, scope_id, moment, method, parameters_sha256, inputs, seed, result, currency, price_year,
    nsv_minor, author, created_at)
VALUES ('town', 'v', 'run', 'run', 'ex_ante', 'm@1', repeat('0', 64), '{}', 1, '{}', 'USD', 2023, 11700, 'crg', now());
