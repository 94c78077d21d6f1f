INSERT INTO run (city, id, state, started_at, proposals, recorded, skipped) VALUES ('town', 'run', 'running', now(), 1, 1, 0);
INSERT INTO match (city, run, leaf, n, resource, need, giver, receiver, quantity, unit, score_minor, charge_minor, expected_minor,
    distance_m, origin, state, created_at, updated_at)
VALUES ('town', 'run', 'food.produce', 1, 'r', 'n', 'giver', 'receiver', 100, 'kg', 120, 300, 11700, 1200, 'modelled', 'proposed', now(), now());
