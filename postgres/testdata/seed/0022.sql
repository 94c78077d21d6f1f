UPDATE run SET proposals = 2, skipped = 1, inactive = 1 WHERE id = 'run';
