-- name: AppendValuation :batchone
INSERT INTO valuation (city, id, scope, scope_id, match, moment, method, parameters_sha256, formulas, inputs, seed, result,
    currency, price_year, nsv_minor, p5_minor, p50_minor, p95_minor, author, created_at)
VALUES (@city, @id, @scope, @scope_id, sqlc.narg('match'), @moment, @method, @parameters_sha256, @formulas, @inputs, @seed,
    @result, @currency, @price_year, @nsv_minor, sqlc.narg('p5_minor'), sqlc.narg('p50_minor'), sqlc.narg('p95_minor'), @author,
    city_now(@city))
ON CONFLICT (city, id) DO NOTHING
RETURNING id;

-- name: AppendAudit :batchexec
INSERT INTO audit (city, city_at, actor, role, action, kind, subject, request_id, detail)
VALUES (@city, city_now(@city), @actor, @role, @action, @kind, @subject, @request_id, @detail);

-- name: CreateKey :exec
INSERT INTO api_key (city, id, hash, actor, participant, works_for, roles, expires_at)
VALUES (@city, @id, @hash, @actor, sqlc.narg('participant'), sqlc.narg('works_for'), @roles, sqlc.narg('expires_at'));

-- name: FindKey :one
SELECT city, id, hash, actor, participant, roles, created_at, expires_at, revoked_at, works_for FROM api_key
WHERE hash = @hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now());

-- name: ListKeys :many
SELECT city, id, hash, actor, participant, roles, created_at, expires_at, revoked_at, works_for FROM api_key
WHERE city = @city ORDER BY id;

-- name: RevokeKey :execrows
UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE city = @city AND id = @id;

-- name: LockIdempotencyKey :one
-- The first caller gets the lock; so does a later one with the same request once the lock ran out without an answer.
INSERT INTO idempotency_key AS k (caller, key, request_sha256, locked_until)
VALUES (@caller, @key, @request_sha256, now() + make_interval(secs => @lock_seconds::float8))
ON CONFLICT (caller, key) DO UPDATE SET
    locked_until = excluded.locked_until, token = nextval(pg_get_serial_sequence('idempotency_key', 'token'))
WHERE k.status IS NULL AND k.locked_until < now() AND k.request_sha256 = excluded.request_sha256
RETURNING token;

-- name: IdempotencyKey :one
SELECT request_sha256, status, headers, body FROM idempotency_key WHERE caller = @caller AND key = @key;

-- name: FinishIdempotencyKey :execrows
UPDATE idempotency_key SET status = @status::int, headers = @headers, body = @body
WHERE caller = @caller AND key = @key AND token = @token AND status IS NULL;

-- name: AbandonIdempotencyKey :exec
DELETE FROM idempotency_key WHERE caller = @caller AND key = @key AND token = @token AND status IS NULL;

-- name: DropIdempotencyKeys :execrows
DELETE FROM idempotency_key WHERE created_at < @before;
