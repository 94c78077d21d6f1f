package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Key is an API key. Only its SHA-256 is kept. Times are wall time.
type Key struct {
	City        city.ID
	ID          string
	Hash        [32]byte
	Actor       string             // who acts with it, as decisions and the audit name them
	Participant city.ParticipantID // for whom, where it is one; empty for the city's own people
	WorksFor    city.ParticipantID // for whom one of the city's own people works besides; empty for most
	Roles       []city.Role
	CreatedAt   time.Time
	ExpiresAt   *time.Time
	RevokedAt   *time.Time
}

// CreateKey records a key. An id or hash that exists is an ErrConflict.
func (s *Store) CreateKey(ctx context.Context, k Key) error {
	err := s.q.CreateKey(ctx, gen.CreateKeyParams{
		City: string(k.City), ID: k.ID, Hash: k.Hash[:], Actor: k.Actor, Participant: optional(string(k.Participant)),
		WorksFor: optional(string(k.WorksFor)), Roles: texts(k.Roles), ExpiresAt: k.ExpiresAt,
	})
	return translate(fmt.Sprintf("record key %s", k.ID), err)
}

// FindKey reads the key of a hash. Unknown, revoked and expired ones are all ErrNotFound.
func (s *Store) FindKey(ctx context.Context, hash [32]byte) (Key, error) {
	row, err := s.q.FindKey(ctx, hash[:])
	if err != nil {
		return Key{}, translate("find a key", err)
	}
	return keyOf(row), nil
}

// ListKeys reads all keys of a city, by id, revoked ones too.
func (s *Store) ListKeys(ctx context.Context, id city.ID) ([]Key, error) {
	rows, err := s.q.ListKeys(ctx, string(id))
	if err != nil {
		return nil, translate("list keys", err)
	}
	keys := make([]Key, len(rows))
	for i, row := range rows {
		keys[i] = keyOf(row)
	}
	return keys, nil
}

// RevokeKey ends a key at once; one that is revoked stays so.
func (s *Store) RevokeKey(ctx context.Context, id city.ID, key string) error {
	rows, err := s.q.RevokeKey(ctx, gen.RevokeKeyParams{City: string(id), ID: key})
	return found("revoke key "+key, rows, err)
}

func keyOf(row gen.ApiKey) Key {
	k := Key{
		City: city.ID(row.City), ID: row.ID, Actor: row.Actor, Roles: words[city.Role](row.Roles), CreatedAt: row.CreatedAt,
		ExpiresAt: row.ExpiresAt, RevokedAt: row.RevokedAt,
	}
	copy(k.Hash[:], row.Hash)
	if row.Participant != nil {
		k.Participant = city.ParticipantID(*row.Participant)
	}
	if row.WorksFor != nil {
		k.WorksFor = city.ParticipantID(*row.WorksFor)
	}
	return k
}
