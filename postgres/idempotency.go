package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/postgres/gen"
)

// Response is the answer that a request got, as far as it is repeated.
type Response struct {
	Status  int
	Headers map[string][]string
	Body    []byte
}

// Idempotent says what to do with a request: run it under Token, or repeat the answer Done.
type Idempotent struct {
	Token int64
	Done  *Response
}

// BeginIdempotent asks whether a caller's request under a key is the first. Among any number at once exactly one gets a
// token; the others get ErrInProgress until it has an answer, then that answer. Another request (by its SHA-256) under
// the same key is ErrKeyReused. A token that got no answer within lock passes to the next caller.
func (s *Store) BeginIdempotent(ctx context.Context, caller, key string, request [32]byte, lock time.Duration) (Idempotent, error) {
	const doing = "begin an idempotent request"
	token, err := s.q.LockIdempotencyKey(ctx, gen.LockIdempotencyKeyParams{
		Caller: caller, Key: key, RequestSha256: request[:], LockSeconds: lock.Seconds(),
	})
	if !errors.Is(err, pgx.ErrNoRows) {
		return Idempotent{Token: token}, translate(doing, err)
	}
	row, err := s.q.IdempotencyKey(ctx, gen.IdempotencyKeyParams{Caller: caller, Key: key})
	switch {
	case errors.Is(err, pgx.ErrNoRows): // abandoned in between
		return Idempotent{}, fmt.Errorf("%s: %w", doing, ErrInProgress)
	case err != nil:
		return Idempotent{}, translate(doing, err)
	case !bytes.Equal(row.RequestSha256, request[:]):
		return Idempotent{}, fmt.Errorf("%s: key %q: %w", doing, key, ErrKeyReused)
	case row.Status == nil:
		return Idempotent{}, fmt.Errorf("%s: key %q: %w", doing, key, ErrInProgress)
	}
	done := &Response{Status: int(*row.Status), Body: row.Body}
	if err := json.Unmarshal(row.Headers, &done.Headers); err != nil {
		return Idempotent{}, fmt.Errorf("%s: headers of the answer under key %q: %w", doing, key, err)
	}
	return Idempotent{Done: done}, nil
}

// FinishIdempotent records the answer. It is an ErrConflict when the token passed to another caller meanwhile.
func (s *Store) FinishIdempotent(ctx context.Context, caller, key string, token int64, answer Response) error {
	headers, err := json.Marshal(answer.Headers)
	if err != nil {
		return fmt.Errorf("finish an idempotent request: %w", err)
	}
	rows, err := s.q.FinishIdempotencyKey(ctx, gen.FinishIdempotencyKeyParams{
		Caller: caller, Key: key, Token: token, Status: int32(answer.Status), Headers: headers, Body: answer.Body,
	})
	if err == nil && rows == 0 {
		err = fmt.Errorf("key %q is no longer ours: %w", key, ErrConflict)
	}
	return translate("finish an idempotent request", err)
}

// AbandonIdempotent gives the token back without an answer, so that the request may be tried again.
func (s *Store) AbandonIdempotent(ctx context.Context, caller, key string, token int64) error {
	err := s.q.AbandonIdempotencyKey(ctx, gen.AbandonIdempotencyKeyParams{Caller: caller, Key: key, Token: token})
	return translate("abandon an idempotent request", err)
}

// DropIdempotencyKeys forgets answers recorded before a wall time and says how many.
func (s *Store) DropIdempotencyKeys(ctx context.Context, before time.Time) (int64, error) {
	dropped, err := s.q.DropIdempotencyKeys(ctx, before)
	return dropped, translate("drop idempotency keys", err)
}
