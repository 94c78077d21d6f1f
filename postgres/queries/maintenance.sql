-- name: Maintenance :one
SELECT city, reason, actor, since FROM maintenance WHERE city = @city;

-- name: BeginMaintenance :one
-- Who began it stays; a second beginning changes the reason.
INSERT INTO maintenance AS m (city, reason, actor) VALUES (@city, @reason, @actor)
ON CONFLICT (city) DO UPDATE SET reason = excluded.reason
RETURNING city, reason, actor, since;

-- name: EndMaintenance :execrows
DELETE FROM maintenance WHERE city = @city;
