-- Every batch accounts for each row that it read, and every source row was seen by an import that is recorded.
SELECT city, format('batch %s of %s, %s, in import %s', batch, dataset, file, import) AS subject,
    format('read %s, accounts for %s', read, listing + place_fact + history + price_evidence + unchanged + rejected) AS detail
FROM import_batch WHERE read <> listing + place_fact + history + price_evidence + unchanged + rejected
UNION ALL
SELECT s.city, format('row %s of %s', s.key, s.dataset), format('import %s is not recorded', s.import)
FROM source_row s WHERE NOT EXISTS (SELECT FROM import i WHERE i.city = s.city AND i.id = s.import)
