INSERT INTO participant (city, id, kind, name, location_quality, state, origin, source, source_key, created_at, updated_at) VALUES
    ('town', 'giver', 'business', 'Giver', 'exact', 'active', 'observed', 'seed', '1', now(), now()),
    ('town', 'receiver', 'organisation', 'Receiver', 'exact', 'active', 'observed', 'seed', '2', now(), now());
