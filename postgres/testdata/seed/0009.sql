UPDATE outbox SET position = 1 WHERE id = (SELECT min(id) FROM outbox) AND position IS NULL;
UPDATE outbox_head SET position = 1;
INSERT INTO outbox_cursor (consumer, position) VALUES ('test', 1);
