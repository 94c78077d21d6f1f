-- Whatever went beyond proposed was approved by somebody: the policy, a side or the city.
SELECT m.city, 'match ' || m.id AS subject, format('%s without any applied approval', m.state) AS detail
FROM match m
WHERE (m.state IN ('approved', 'handed_over', 'confirmed', 'failed') OR m.approved_at IS NOT NULL)
  AND NOT EXISTS (SELECT FROM decision d WHERE d.city = m.city AND d.match = m.id AND d.kind = 'approve' AND d.outcome = 'applied')
