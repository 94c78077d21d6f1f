-- A run recorded as many matches as it says (alternatives come later), and achieved at most its bound.
SELECT r.city, 'run ' || r.id AS subject,
    format('recorded %s, has %s matches; achieved %s of bound %s', r.recorded, m.matches, r.achieved_minor, r.bound_minor) AS detail
FROM run r
CROSS JOIN LATERAL (
    SELECT count(*) AS matches FROM match WHERE city = r.city AND run = r.id AND alternative_of IS NULL) m
WHERE coalesce(r.recorded, 0) <> m.matches OR r.proposals <> r.recorded + r.skipped OR r.achieved_minor > r.bound_minor
   OR (r.optimal AND r.achieved_minor <> r.bound_minor)
