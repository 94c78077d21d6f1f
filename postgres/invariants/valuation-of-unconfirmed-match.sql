-- Only what was handed over is valued in hindsight.
SELECT v.city, 'valuation ' || v.id AS subject, format('in hindsight, of match %s, which is %s', m.id, m.state) AS detail
FROM valuation v JOIN match m ON m.city = v.city AND m.id = v.match
WHERE v.moment = 'ex_post' AND m.state <> 'confirmed'
