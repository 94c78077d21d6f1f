INSERT INTO maintenance (city, reason, actor) VALUES ('town', 'an upgrade', 'olga');
