-- name: PastAttempts :many
-- Past attempts that imported rows record, in the order in which their outcomes became known.
SELECT (payload->'attempt'->>'what')::text AS what, (payload->'attempt'->>'leaf')::text AS leaf,
    (payload->'attempt'->>'succeeded')::boolean AS succeeded, ward
FROM source_row
WHERE city = @city AND outcome = 'history' AND payload->'attempt' IS NOT NULL
ORDER BY payload->'attempt'->>'what', (payload->'attempt'->>'at')::timestamptz, dataset, key;
