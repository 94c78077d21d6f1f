package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
)

// ImportSource is what an import fetched from a URL, and how its server names that version.
type ImportSource struct {
	Address      string // the whole URL; its query is kept as part of a hash only
	ETag         string
	LastModified string
	SHA256       string
	Bytes        int64
	Unchanged    bool // nothing newer than what the last completed import had
}

// LastSource is what the last completed import by a profile fetched from an address; ErrNotFound when there was none.
func (s *Store) LastSource(ctx context.Context, id city.ID, profile, address string) (ImportSource, error) {
	found := ImportSource{Address: address}
	hash := sha256.Sum256([]byte(address))
	err := s.pool.QueryRow(ctx, `SELECT s.etag, s.last_modified, s.sha256, s.bytes FROM import_source s
		JOIN import i ON i.city = s.city AND i.id = s.import
		WHERE s.city = $1 AND s.address_hash = $2 AND i.profile = $3 AND i.state = 'completed'
		ORDER BY s.fetched_at DESC LIMIT 1`, string(id), hash[:], profile).
		Scan(&found.ETag, &found.LastModified, &found.SHA256, &found.Bytes)
	if errors.Is(err, pgx.ErrNoRows) {
		return found, fmt.Errorf("read what was fetched before: %w", ErrNotFound)
	}
	return found, translate("read what was fetched before", err)
}

// RecordSource says what an import fetched. A repeated attempt writes over the one before.
func (s *Store) RecordSource(ctx context.Context, id city.ID, importID string, f ImportSource) error {
	shown := f.Address
	if parsed, err := url.Parse(f.Address); err == nil {
		parsed.RawQuery, parsed.Fragment, parsed.User = "", "", nil
		shown = parsed.String()
	}
	hash := sha256.Sum256([]byte(f.Address))
	_, err := s.pool.Exec(ctx, `INSERT INTO import_source
		(city, import, address, address_hash, etag, last_modified, sha256, bytes, unchanged)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (city, import) DO UPDATE SET etag = excluded.etag, last_modified = excluded.last_modified, sha256 = excluded.sha256,
			bytes = excluded.bytes, unchanged = excluded.unchanged, fetched_at = now()`,
		string(id), importID, shown, hash[:], f.ETag, f.LastModified, f.SHA256, f.Bytes, f.Unchanged)
	return translate("record what was fetched", err)
}
