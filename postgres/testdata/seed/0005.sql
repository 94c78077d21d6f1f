INSERT INTO import (city, id, profile, datasets, state, started_at) VALUES ('town', 'i', 'p@1', '{seed}', 'running', now());
INSERT INTO import_batch (city, import, dataset, file, batch, read, history) VALUES ('town', 'i', 'seed', 'f.csv', 0, 1, 1);
INSERT INTO source_row (city, dataset, key, file, line, digest, outcome, import, payload)
VALUES ('town', 'seed', 'k', 'f.csv', 1, '\x00', 'history', 'i', '{}');
