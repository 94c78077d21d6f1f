-- name: OutboxLag :many
-- How long the oldest event that is kept waits for each of its readers. The relay reads what has no number yet, a consumer what
-- lies behind its cursor.
SELECT 'relay'::text AS consumer,
    coalesce(extract(epoch FROM clock_timestamp() - min(o.created_at)), 0)::float8 AS seconds
FROM outbox o WHERE o.position IS NULL
UNION ALL
SELECT c.consumer, coalesce(extract(epoch FROM clock_timestamp() - o.created_at), 0)::float8
FROM outbox_cursor c
LEFT JOIN LATERAL (SELECT n.created_at FROM outbox n WHERE n.position > c.position ORDER BY n.position LIMIT 1) o ON true
ORDER BY 1;

-- name: OverdueMatches :many
-- Matches that are in a state for longer than the policy allows, oldest first. Times are city time.
SELECT run, leaf, n, state, coalesce(handed_over_at, approved_at, created_at)::timestamptz AS since FROM match
WHERE city = @city AND (state = 'proposed' AND created_at < @proposed_before
    OR state = 'approved' AND approved_at < @agreed_before OR state = 'handed_over' AND handed_over_at < @agreed_before)
ORDER BY 5, run, leaf, n LIMIT @page_limit;

-- name: LatestImports :many
-- Of each profile, whatever its version, the import that ended last, and what became of its rows.
SELECT l.id, l.profile, l.state, c.read, c.rejected
FROM (SELECT DISTINCT ON (split_part(i.profile, '@', 1)) i.id, split_part(i.profile, '@', 1)::text AS profile, i.state
      FROM import i WHERE i.city = @city AND i.finished_at IS NOT NULL
      ORDER BY split_part(i.profile, '@', 1), i.finished_at DESC, i.id) l
CROSS JOIN LATERAL (
    SELECT coalesce(sum(b.read), 0)::bigint AS read, coalesce(sum(b.rejected), 0)::bigint AS rejected
    FROM import_batch b WHERE b.city = @city AND b.import = l.id) c
ORDER BY l.profile;

-- name: CountProjected :one
-- The participants that the graph has a node of.
SELECT count(*) FROM participant WHERE city = @city AND state <> 'rejected';

-- name: RunValued :one
-- Whether anybody has stated what a run is worth if all goes well.
SELECT EXISTS (SELECT FROM valuation WHERE city = @city AND scope = 'run' AND scope_id = @run AND moment = 'ex_ante');
