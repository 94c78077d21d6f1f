INSERT INTO listing (city, id, side, holder, leaf, unit, quantity, quality, rule, origin, lon, lat, location_quality, state, source,
    source_key, created_at, updated_at, radius_metres, divisible, minimum_lot, condition, cost_per_unit, usable_chance,
    receiver_kinds, confirm_by_asker)
VALUES ('town', 'r', 'resource', 'giver', 'food.produce', 'kg', 100, 'inferred', 'town.rule@1', 'modelled', 9.5, 50, 'exact', 'open', 'seed',
    'r', now(), now(), 0, true, 1, 1, 0, 1, '{}', false);
INSERT INTO listing (city, id, side, holder, leaf, unit, quantity, quality, origin, location_quality, state, source, source_key,
    created_at, updated_at, substitutes, max_distance_metres, urgency, constraints, budget_per_unit, storage_capacity)
VALUES ('town', 'n', 'need', 'receiver', 'food.produce', 'kg', 100, 'declared', 'observed', 'area', 'open', 'seed', 'n', now(), now(),
    '{}', 0, 3, '[]', 0, 0);
