-- A source row that became a listing has one.
SELECT s.city, format('row %s of %s', s.key, s.dataset) AS subject, 'became a listing, which is not there' AS detail
FROM source_row s
WHERE s.outcome = 'listing'
  AND NOT EXISTS (SELECT FROM listing l WHERE l.city = s.city AND l.source = s.dataset AND l.source_key = s.key)
