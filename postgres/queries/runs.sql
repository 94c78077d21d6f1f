-- name: CreateRun :execrows
INSERT INTO run (city, id, state, scope, scoring_id, policy_id, engine_version, started_at)
VALUES (@city, @id, 'running', @scope, @scoring_id, @policy_id, @engine_version, city_now(@city))
ON CONFLICT (city, id) DO NOTHING;

-- name: Run :one
SELECT * FROM run WHERE city = @city AND id = @id;

-- name: ListRuns :many
SELECT * FROM run
WHERE city = @city AND (sqlc.narg('after_started')::timestamptz IS NULL
    OR (started_at <= sqlc.narg('after_started') AND (started_at < sqlc.narg('after_started') OR id > @after_id::text)))
ORDER BY started_at DESC, id LIMIT @page_limit;

-- name: LastBasis :many
-- The basis that the last run of the same scope left.
SELECT id, basis FROM run
WHERE city = @city AND scope = @scope AND basis IS NOT NULL AND state = 'completed' AND id <> @run
ORDER BY started_at DESC, id LIMIT 1;

-- name: UpdateRun :execrows
UPDATE run SET
    engine_version = coalesce(sqlc.narg('engine_version'), engine_version),
    snapshot = coalesce(sqlc.narg('snapshot'), snapshot),
    allocation = coalesce(sqlc.narg('allocation'), allocation),
    certificate = coalesce(sqlc.narg('certificate'), certificate),
    resources = coalesce(sqlc.narg('resources'), resources),
    needs = coalesce(sqlc.narg('needs'), needs),
    candidates = coalesce(sqlc.narg('candidates'), candidates),
    components = coalesce(sqlc.narg('components'), components),
    shards = coalesce(sqlc.narg('shards'), shards),
    bound_minor = coalesce(sqlc.narg('bound_minor'), bound_minor),
    achieved_minor = coalesce(sqlc.narg('achieved_minor'), achieved_minor),
    optimal = coalesce(sqlc.narg('optimal'), optimal),
    basis = coalesce(sqlc.narg('basis'), basis),
    recurrence = recurrence || @recurrence::jsonb,
    affinity = coalesce(sqlc.narg('affinity'), affinity),
    fairness = fairness || @fairness::jsonb,
    seconds = seconds || @seconds::jsonb
WHERE city = @city AND id = @id;

-- name: RunForUpdate :one
SELECT state, recorded, inactive FROM run WHERE city = @city AND id = @id FOR NO KEY UPDATE;

-- name: FinishRun :exec
UPDATE run SET state = @state, error = @error, finished_at = city_now(@city) WHERE city = @city AND id = @id;

-- name: CountProposals :exec
UPDATE run SET proposals = @proposals, recorded = @recorded, skipped = @skipped, inactive = @inactive WHERE city = @city AND id = @id;
