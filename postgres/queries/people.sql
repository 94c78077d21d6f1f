-- name: InsertContact :execrows
INSERT INTO contact (city, id, participant, actor, channel, address, secret, quiet_from, quiet_until, events)
VALUES (@city, @id, sqlc.narg('participant'), sqlc.narg('actor'), @channel, @address, @secret, @quiet_from, @quiet_until, @events)
ON CONFLICT (city, id) DO NOTHING;

-- name: EndContact :many
-- What was not sent to it yet is not sent any more.
WITH ended AS (
    UPDATE contact c SET ended_at = now(), ended_reason = @reason
    WHERE c.city = @city AND c.id = @id AND c.ended_at IS NULL RETURNING c.id),
stopped AS (
    UPDATE notice n SET state = 'suppressed', reason = 'the contact was removed', settled_at = now()
    WHERE n.city = @city AND n.contact = (SELECT e.id FROM ended e) AND n.state = 'pending')
SELECT e.id FROM ended e;

-- name: AnnounceNotices :one
-- A notice for each contact of the people named; those that have it already keep it. Answers how many are still to be
-- sent, so that a repeated attempt wakes the delivery as the first would have.
WITH told AS (
    SELECT c.id FROM contact c
    WHERE c.city = @city AND c.ended_at IS NULL AND (cardinality(c.events) = 0 OR @event::text = ANY (c.events))
      AND (c.participant = ANY (@participants::text[])
           OR (c.actor = ANY (@actors::text[])
               OR c.actor IN (SELECT k.actor FROM api_key k
                              WHERE k.city = @city AND k.roles && @roles::text[] AND k.revoked_at IS NULL
                                AND (k.expires_at IS NULL OR k.expires_at > now())))
              AND c.actor <> ALL (@but_not::text[]))),
added AS (
    INSERT INTO notice (city, id, key, contact, event, kind, subject)
    SELECT @city, md5(@city || '/' || @key || '/' || told.id), @key, told.id, @event::text, @kind, @subject FROM told
    ON CONFLICT (city, id) DO NOTHING RETURNING id)
SELECT (SELECT count(*) FROM added)
    + (SELECT count(*) FROM notice n JOIN told ON n.contact = told.id
       WHERE n.city = @city AND n.kind = @kind AND n.subject = @subject AND n.key = @key AND n.state = 'pending') AS pending;

-- name: DueNotices :many
SELECT n.city, n.id, n.event, n.kind, n.subject, n.attempts, n.created_at, c.id AS contact, c.channel, c.address, c.secret,
    c.quiet_from, c.quiet_until, c.participant,
    (SELECT count(*) FROM notice o WHERE o.city = n.city AND o.contact = n.contact AND o.state = 'sent'
        AND o.settled_at > now() - interval '1 hour') AS sent_lately
FROM notice n JOIN contact c ON c.city = n.city AND c.id = n.contact
WHERE n.city = @city AND n.state = 'pending' AND n.due_at <= now()
ORDER BY n.due_at, n.id LIMIT @page_limit;

-- name: NextNotice :one
-- How long until the next attempt, by the database's clock alone.
SELECT coalesce(extract(epoch FROM min(due_at) - now()), 0)::float8 AS seconds, count(*) AS pending
FROM notice WHERE city = @city AND state = 'pending';

-- name: ClaimNotice :execrows
-- The attempt is counted before it is made: whoever dies in it leaves the notice to others after the lease.
UPDATE notice SET attempts = attempts + 1, due_at = now() + make_interval(secs => @lease_seconds::float8)
WHERE city = @city AND id = @id AND state = 'pending' AND attempts = @attempts;

-- name: HoldNotice :exec
UPDATE notice SET due_at = @due_at WHERE city = @city AND id = @id AND state = 'pending';

-- name: SettleNotice :execrows
UPDATE notice SET state = @state, reason = @reason, due_at = @due_at,
    settled_at = CASE WHEN @state = 'pending' THEN NULL ELSE now() END
WHERE city = @city AND id = @id AND state = 'pending';

-- name: InsertNoticeAttempt :exec
INSERT INTO notice_attempt (city, notice, n, outcome, detail) VALUES (@city, @notice, @n, @outcome, @detail)
ON CONFLICT (city, notice, n) DO NOTHING;

-- name: NoticeAttempts :many
SELECT * FROM notice_attempt WHERE city = @city AND notice = @notice ORDER BY n;

-- name: RetryNotice :execrows
UPDATE notice SET state = 'pending', settled_at = NULL, due_at = now() WHERE city = @city AND id = @id AND state = 'failed';

-- name: NoticeCounts :many
SELECT state, count(*) AS notices FROM notice WHERE city = @city GROUP BY state ORDER BY state;

-- name: InsertDelegation :execrows
INSERT INTO delegation (city, id, approver, deputy, starts_at, ends_at, note, created_by, created_at)
VALUES (@city, @id, @approver, @deputy, @starts_at, @ends_at, @note, @created_by, city_now(@city))
ON CONFLICT (city, id) DO NOTHING;

-- name: EndDelegation :execrows
UPDATE delegation SET ended_at = coalesce(ended_at, city_now(@city)) WHERE city = @city AND id = @id;

-- name: DelegationsInForce :many
SELECT * FROM delegation
WHERE city = @city AND ended_at IS NULL AND starts_at <= city_now(@city) AND ends_at > city_now(@city)
ORDER BY approver, deputy, id;

-- name: ActorsOf :many
SELECT DISTINCT actor FROM api_key
WHERE city = @city AND @role::text = ANY (roles) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
ORDER BY actor;
