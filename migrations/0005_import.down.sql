DROP TABLE fact, source_row, import_batch, import;
