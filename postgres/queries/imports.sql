-- name: StartImport :execrows
INSERT INTO import (city, id, profile, datasets, planned, state, started_at)
VALUES (@city, @id, @profile, @datasets, @planned, 'running', city_now(@city))
ON CONFLICT (city, id) DO NOTHING;

-- name: ImportStateForUpdate :one
SELECT state FROM import WHERE city = @city AND id = @id FOR NO KEY UPDATE;

-- name: FinishImport :exec
UPDATE import SET state = @state, error = @error, finished_at = city_now(@city) WHERE city = @city AND id = @id;

-- name: Imports :many
SELECT i.city, i.id, i.profile, i.datasets, i.state, i.error, i.started_at, i.finished_at,
    c.read, c.listing, c.place_fact, c.history, c.price_evidence, c.unchanged, c.rejected
FROM import i
CROSS JOIN LATERAL (
    SELECT coalesce(sum(b.read), 0)::bigint AS read, coalesce(sum(b.listing), 0)::bigint AS listing,
        coalesce(sum(b.place_fact), 0)::bigint AS place_fact, coalesce(sum(b.history), 0)::bigint AS history,
        coalesce(sum(b.price_evidence), 0)::bigint AS price_evidence, coalesce(sum(b.unchanged), 0)::bigint AS unchanged,
        coalesce(sum(b.rejected), 0)::bigint AS rejected
    FROM import_batch b WHERE b.city = i.city AND b.import = i.id) c
WHERE i.city = @city AND (sqlc.narg('id')::text IS NULL OR i.id = sqlc.narg('id')) AND i.id > @after_id::text
ORDER BY i.id LIMIT @page_limit;

-- name: RejectedRows :many
SELECT dataset, file, line, key, reason FROM source_row
WHERE city = @city AND outcome = 'rejected' AND import = @import
  AND (dataset, file, line, key) > (@after_dataset::text, @after_file::text, @after_line::bigint, @after_key::text)
ORDER BY dataset, file, line, key LIMIT @page_limit;
