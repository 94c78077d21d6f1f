UPDATE import SET planned = 2;
INSERT INTO import_batch (city, import, dataset, file, batch, read, history) VALUES ('town', 'i', 'seed', 'f.csv', 17, 1, 1);
DELETE FROM import_batch WHERE batch = 17;
UPDATE run SET snapshot = '{"key": "k"}';
UPDATE listing SET temperature = 'chilled' WHERE id = 'r';
