-- What was applied can be seen on the match.
SELECT d.city, 'decision ' || d.id AS subject, format('%s was applied, match %s is %s', d.kind, m.id, m.state) AS detail
FROM decision d JOIN match m ON m.city = d.city AND m.id = d.match
WHERE d.outcome = 'applied' AND CASE d.kind
    WHEN 'reject' THEN m.state <> 'rejected'
    WHEN 'cancel' THEN m.state <> 'cancelled'
    WHEN 'no_show' THEN m.state <> 'failed'
    WHEN 'hand_over' THEN m.handed_over_at IS NULL
    WHEN 'confirm_receipt' THEN m.state <> 'confirmed'
    ELSE false END
