INSERT INTO city (id, name, time_zone, currency, lon, lat, as_of, clock_started, clock_epoch, time_scale)
VALUES ('town', 'Town', 'UTC', 'USD', 10, 50, '2016-08-08', now(), '2026-11-23', 86400);
INSERT INTO ward (city, id, name, boundary) VALUES
    ('town', '1', 'West', ST_GeomFromText('MULTIPOLYGON(((9 49, 10 49, 10 51, 9 51, 9 49)))', 4326));
INSERT INTO category (leaf, unit) VALUES ('food.produce', 'kg');
INSERT INTO rule (city, id, low, central, high, unit, source, evidence) VALUES ('town', 'town.rule@1', 1, 2, 3, 'kg', 'a test', 'known');
