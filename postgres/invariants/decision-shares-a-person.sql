-- No person stands behind two approvals of the city for one match: neither as who signed nor as for whom a deputy signed.
SELECT d.city, 'decision ' || d.id AS subject, format('%s for match %s shares a person with %s', d.kind, d.match, o.id) AS detail
FROM decision d JOIN decision o ON o.city = d.city AND o.match = d.match AND o.party = d.party AND o.id < d.id
WHERE d.kind = 'approve' AND o.kind = 'approve' AND d.outcome = 'applied' AND o.outcome = 'applied' AND d.party = 'city'
  AND (o.actor IN (d.actor, nullif(d.on_behalf_of, '')) OR o.on_behalf_of IN (d.actor, nullif(d.on_behalf_of, '')))
