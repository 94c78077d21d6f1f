DROP TABLE source_row, import_batch, import;
