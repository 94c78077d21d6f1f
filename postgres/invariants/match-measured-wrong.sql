-- A confirmed match has a measured quantity, at most what was promised; no other has one.
SELECT city, 'match ' || id AS subject, format('%s, measured %s of %s', state, coalesce(measured_quantity::text, 'nothing'), quantity) AS detail
FROM match
WHERE (state = 'confirmed') <> (measured_quantity IS NOT NULL) OR measured_quantity > quantity OR measured_quantity < 1
