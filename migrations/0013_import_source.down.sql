DROP TABLE import_source;
