INSERT INTO import_source (city, import, address, address_hash, etag, last_modified, sha256, bytes, unchanged)
VALUES ('town', 'i', 'https://data.example.org/listings.csv', sha256('https://data.example.org/listings.csv'), '"v1"', '', repeat('0', 64), 17, false);
