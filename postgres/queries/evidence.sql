-- name: InsertDocument :execrows
INSERT INTO document (city, id, participant, kind, reference, expires_at, created_by, created_at)
VALUES (@city, @id, @participant, @kind, @reference, sqlc.narg('expires_at'), @created_by, city_now(@city))
ON CONFLICT (city, id) DO NOTHING;

-- name: Documents :many
SELECT * FROM document WHERE city = @city AND participant = @participant ORDER BY created_at DESC, id;

-- name: DocumentForUpdate :one
SELECT * FROM document WHERE city = @city AND id = @id FOR NO KEY UPDATE;

-- name: SetDocumentState :exec
UPDATE document SET state = @state, decided_at = city_now(@city) WHERE city = @city AND id = @id;

-- name: InsertConfirmationRequest :execrows
INSERT INTO confirmation_request (city, id, listing, asked_by, asked_at, expires_at, if_silent)
VALUES (@city, @id, @listing, @asked_by, city_now(@city), @expires_at, @if_silent)
ON CONFLICT (city, id) DO NOTHING;

-- name: ConfirmationRequest :one
SELECT * FROM confirmation_request WHERE city = @city AND id = @id;

-- name: OpenConfirmationRequest :one
SELECT * FROM confirmation_request WHERE city = @city AND listing = @listing AND closed_at IS NULL;

-- name: CloseConfirmationRequest :execrows
UPDATE confirmation_request SET outcome = @outcome, closed_at = city_now(@city)
WHERE city = @city AND id = @id AND closed_at IS NULL;

-- name: AnswerConfirmationRequests :many
UPDATE confirmation_request r SET outcome = CASE WHEN a.usable THEN 'confirmed' ELSE 'denied' END, closed_at = city_now(@city)
FROM (SELECT unnest(@ids::text[]) AS id, unnest(@usable::bool[]) AS usable) a
WHERE r.city = @city AND r.listing = a.id AND r.closed_at IS NULL RETURNING r.listing;

-- name: ReasonCounts :many
SELECT d.reason, count(*) AS decisions, count(*) FILTER (WHERE d.origin = 'simulated') AS simulated
FROM decision d
WHERE d.city = @city AND d.reason <> '' AND d.outcome = 'applied'
  AND (@run::text = '' OR d.match IN (SELECT m.id FROM match m WHERE m.city = @city AND m.run = @run::text))
GROUP BY d.reason;

-- name: ContactCounts :many
SELECT participant, count(*) AS contacts FROM contact
WHERE city = @city AND participant = ANY (@participants::text[]) AND ended_at IS NULL GROUP BY participant;
