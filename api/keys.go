package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// keyPrefix marks a text as a key of this API, for people and for scanners of leaked secrets.
const keyPrefix = "crg_"

// shown is how much of a key names it in lists and logs: the prefix and 48 of its 256 bits.
const shown = len(keyPrefix) + 8

// NewKey says for whom a key is. A key is either a participant's (roles lister and requester) or one of a person of the
// city (all other roles): nobody signs for the city with the key of a party. A lister's or requester's key without a
// participant only takes applications in.
type NewKey struct {
	City        city.ID
	Actor       string             // who acts, as decisions and audit rows name them; the participant when empty
	Participant city.ParticipantID // for whom
	WorksFor    city.ParticipantID // for whom a person of the city works besides: they do not sign on its matches
	Roles       []city.Role
	ExpiresAt   *time.Time
}

// CreateKey makes a key and returns its text, which is shown this once: only its SHA-256 is kept.
func CreateKey(ctx context.Context, store *postgres.Store, wanted NewKey) (text, id string, err error) {
	if wanted.Actor == "" {
		wanted.Actor = string(wanted.Participant)
	}
	if err := wanted.validate(); err != nil {
		return "", "", err
	}
	if err := known(ctx, store, wanted); err != nil {
		return "", "", err
	}
	secret := make([]byte, sha256.Size)
	if _, err := rand.Read(secret); err != nil {
		return "", "", fmt.Errorf("draw a key: %w", err)
	}
	text = keyPrefix + base64.RawURLEncoding.EncodeToString(secret)
	id = text[:shown]
	if err := auditKey(ctx, store, wanted.City, "create", id); err != nil {
		return "", "", err
	}
	err = store.CreateKey(ctx, postgres.Key{
		City: wanted.City, ID: id, Hash: sha256.Sum256([]byte(text)), Actor: wanted.Actor,
		Participant: wanted.Participant, WorksFor: wanted.WorksFor, Roles: wanted.Roles, ExpiresAt: wanted.ExpiresAt,
	})
	if err != nil {
		return "", "", fmt.Errorf("create a key of %s: %w", wanted.Actor, err)
	}
	return text, id, nil
}

// RevokeKey ends a key at once, and with it the streams that it opened. One that was revoked stays so.
func RevokeKey(ctx context.Context, store *postgres.Store, id city.ID, key string) error {
	keys, err := store.ListKeys(ctx, id)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(keys, func(k postgres.Key) bool { return k.ID == key }) {
		return fmt.Errorf("key %s: city %s has none of this id; crg key list names them", key, id)
	}
	if err := auditKey(ctx, store, id, "revoke", key); err != nil {
		return err
	}
	return store.RevokeKey(ctx, id, key)
}

func auditKey(ctx context.Context, store *postgres.Store, id city.ID, action, key string) error {
	err := store.AppendAudit(ctx, postgres.AuditEntry{
		City: id, Actor: "command line", Role: city.Operator, Action: action, Kind: "key", Subject: key,
	})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// known refuses a key of a city or for a participant that does not exist.
func known(ctx context.Context, store *postgres.Store, wanted NewKey) error {
	if _, err := store.City(ctx, wanted.City); errors.Is(err, postgres.ErrNotFound) {
		return fmt.Errorf("city %s: there is none; crg city add registers one", wanted.City)
	} else if err != nil {
		return err
	}
	for _, id := range []city.ParticipantID{wanted.Participant, wanted.WorksFor} {
		if id == "" {
			continue
		}
		if _, err := store.Participant(ctx, wanted.City, id); errors.Is(err, postgres.ErrNotFound) {
			return fmt.Errorf("participant %s: city %s has none of this id", id, wanted.City)
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (k NewKey) validate() error {
	if k.Actor == "" {
		return errors.New("actor: name the person or the participant who acts with the key")
	}
	if len(k.Roles) == 0 {
		return errors.New("roles: want at least one of lister, requester, approver, matcher, operator, auditor")
	}
	sides := 0
	for _, role := range k.Roles {
		if err := role.Validate(); err != nil {
			return err
		}
		if slices.Contains([]city.Role{city.Lister, city.Requester}, role) {
			sides++
		}
	}
	if sides != 0 && sides != len(k.Roles) {
		return fmt.Errorf("roles %v: lister and requester are a participant's, the others the city's: make two keys", k.Roles)
	}
	if sides != 0 && k.WorksFor != "" {
		return fmt.Errorf("works for %s: only a person of the city does, besides; a participant's key acts for it", k.WorksFor)
	}
	if sides == 0 && k.Participant != "" {
		return fmt.Errorf("participant %s: a key with the roles %v is of a person of the city", k.Participant, k.Roles)
	}
	return nil
}
