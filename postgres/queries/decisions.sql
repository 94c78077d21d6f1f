-- name: InsertDecision :execrows
INSERT INTO decision (city, id, kind, party, actor, role, typed_in, reason, note, match, participant, listing,
    measured_quantity, origin, created_at, on_behalf_of, document)
VALUES (@city, @id, @kind, @party, @actor, @role, @typed_in, @reason, @note, sqlc.narg('match'), sqlc.narg('participant'),
    sqlc.narg('listing'), sqlc.narg('measured_quantity'), @origin, city_now(@city), @on_behalf_of,
    sqlc.narg('document'))
ON CONFLICT (city, id) DO NOTHING;

-- name: InsertPolicyApproval :exec
INSERT INTO decision (city, id, kind, party, actor, role, match, origin, created_at, outcome, outcome_reason, outcome_at)
VALUES (@city, @id, 'approve', 'city', @actor, 'policy', @match::text, @origin, city_now(@city), 'applied', @outcome_reason,
    city_now(@city));

-- name: Decisions :many
SELECT * FROM decision WHERE city = @city AND id = ANY (@ids::text[]);

-- name: MatchDecisions :many
SELECT * FROM decision WHERE city = @city AND match = @match::text ORDER BY created_at, id;

-- name: DecisionsOfMatches :many
SELECT * FROM decision WHERE city = @city AND match = ANY (@matches::text[]) ORDER BY created_at, id;

-- name: ParticipantDecisions :many
SELECT * FROM decision WHERE city = @city AND participant = @participant::text ORDER BY created_at, id;

-- name: DecisionForUpdate :one
SELECT * FROM decision WHERE city = @city AND id = @id FOR NO KEY UPDATE;

-- name: SettleDecision :one
UPDATE decision SET outcome = @outcome, outcome_reason = @outcome_reason, outcome_at = city_now(@city)
WHERE city = @city AND id = @id RETURNING *;

-- name: ApprovedAlready :one
-- A signature uses up two persons: who gave it, and for whom it was given.
SELECT EXISTS (
    SELECT FROM decision
    WHERE city = @city AND match = @match::text AND party = @party AND kind = 'approve' AND outcome = 'applied'
      AND (actor = ANY (@persons::text[]) OR on_behalf_of = ANY (@persons::text[])));
