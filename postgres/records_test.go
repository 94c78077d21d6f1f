package postgres_test

import (
	"crypto/sha256"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

func TestDuplicatesBearTwoMarks(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	add := func(id, name, address, domain string, lon float64) {
		p := participant(id, city.Organisation)
		p.Name, p.AddressID, p.EmailDomain, p.Point = name, address, domain, &city.Point{Lon: lon, Lat: 50}
		require.NoError(t, store.InsertParticipant(t.Context(), p))
	}
	add("pantry", "Saint Anne Food Pantry", "A1", "anne.example", 9.1)
	add("spelling", "St. Anne Food Pantry", "A1", "", 9.3)
	add("near", "Saint Anne Food Pantry Inc", "", "", 9.1005) // 36 m away
	add("branch", "Saint Anne Food Pantry", "B2", "", 9.6)    // the same name elsewhere
	add("tenant", "Dental Office", "A1", "", 9.1)             // the same house
	add("renamed", "Westside Kitchen", "A1", "anne.example", 9.1)
	duplicates, err := store.FindDuplicates(t.Context(), town, []city.ParticipantID{"pantry"})
	require.NoError(t, err)
	var others []city.ParticipantID
	for _, d := range duplicates {
		others = append(others, d.Other)
	}
	require.ElementsMatch(t, []city.ParticipantID{"spelling", "near", "renamed"}, others)
	require.Equal(t, city.ParticipantID("near"), duplicates[0].Other, "the most similar name first")
	require.InDelta(t, 36, *duplicates[0].Metres, 1)
	require.NoError(t, store.LocateParticipant(t.Context(), town, "near", nil, city.Area, ""))
	duplicates, err = store.FindDuplicates(t.Context(), town, []city.ParticipantID{"near"})
	require.NoError(t, err)
	require.Empty(t, duplicates, "without a point only the name is left")
	require.ErrorIs(t, store.LocateParticipant(t.Context(), town, "none", nil, city.Area, ""), postgres.ErrNotFound)
}

func TestAKeyIsFoundByItsHashUntilItEnds(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	past := time.Now().Add(-time.Minute)
	live := postgres.Key{City: town, ID: "k1", Hash: sha256.Sum256([]byte("one")), Actor: "ann", Participant: "giver", Roles: []city.Role{city.Approver}}
	old := postgres.Key{City: town, ID: "k2", Hash: sha256.Sum256([]byte("two")), Actor: "bob", Roles: []city.Role{city.Auditor}, ExpiresAt: &past}
	require.NoError(t, store.CreateKey(t.Context(), live))
	require.NoError(t, store.CreateKey(t.Context(), old))
	require.ErrorIs(t, store.CreateKey(t.Context(), live), postgres.ErrConflict)

	got, err := store.FindKey(t.Context(), live.Hash)
	require.NoError(t, err)
	live.CreatedAt = got.CreatedAt
	require.Equal(t, live, got)
	_, err = store.FindKey(t.Context(), old.Hash)
	require.ErrorIs(t, err, postgres.ErrNotFound, "expired")
	require.NoError(t, store.RevokeKey(t.Context(), town, "k1"))
	_, err = store.FindKey(t.Context(), live.Hash)
	require.ErrorIs(t, err, postgres.ErrNotFound, "revoked")
	keys, err := store.ListKeys(t.Context(), town)
	require.NoError(t, err)
	require.Len(t, keys, 2)
	require.NotNil(t, keys[0].RevokedAt)
	require.ErrorIs(t, store.RevokeKey(t.Context(), town, "none"), postgres.ErrNotFound)
}

func TestTheSameRequestTenTimesAtOnceRunsOnce(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	request := sha256.Sum256([]byte("POST"))
	var group sync.WaitGroup
	answers := make([]postgres.Idempotent, 10)
	failures := make([]error, 10)
	for i := range answers {
		group.Go(func() {
			answers[i], failures[i] = store.BeginIdempotent(t.Context(), "town/ann", "key", request, time.Minute)
		})
	}
	group.Wait()
	var token int64
	for i, answer := range answers {
		if failures[i] == nil {
			require.Zero(t, token, "two callers were told to run it")
			token = answer.Token
			continue
		}
		require.ErrorIs(t, failures[i], postgres.ErrInProgress)
	}
	require.NotZero(t, token)
	want := postgres.Response{Status: 202, Headers: map[string][]string{"Location": {"/x"}}, Body: []byte("{}")}
	require.NoError(t, store.FinishIdempotent(t.Context(), "town/ann", "key", token, want))
	repeated, err := store.BeginIdempotent(t.Context(), "town/ann", "key", request, time.Minute)
	require.NoError(t, err)
	require.Equal(t, postgres.Idempotent{Done: &want}, repeated)
	_, err = store.BeginIdempotent(t.Context(), "town/ann", "key", sha256.Sum256([]byte("other")), time.Minute)
	require.ErrorIs(t, err, postgres.ErrKeyReused)
	other, err := store.BeginIdempotent(t.Context(), "town/bob", "key", request, time.Minute)
	require.NoError(t, err)
	require.NotZero(t, other.Token, "keys are of their caller")

	dropped, err := store.DropIdempotencyKeys(t.Context(), time.Now().Add(time.Minute))
	require.NoError(t, err)
	require.Equal(t, int64(2), dropped)
}

func TestALockThatRanOutPassesOn(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	request := sha256.Sum256([]byte("POST"))
	first, err := store.BeginIdempotent(t.Context(), "ann", "key", request, -time.Second)
	require.NoError(t, err)
	second, err := store.BeginIdempotent(t.Context(), "ann", "key", request, time.Minute)
	require.NoError(t, err)
	require.NotEqual(t, first.Token, second.Token)
	err = store.FinishIdempotent(t.Context(), "ann", "key", first.Token, postgres.Response{Status: 200})
	require.ErrorIs(t, err, postgres.ErrConflict, "the first came too late")
	require.NoError(t, store.AbandonIdempotent(t.Context(), "ann", "key", second.Token))
	third, err := store.BeginIdempotent(t.Context(), "ann", "key", request, time.Minute)
	require.NoError(t, err)
	require.NotZero(t, third.Token)
}

func TestValuationsAppendOnceAndListInOrder(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 60)
	three := []postgres.Valuation{valuation("v2", match), valuation("v1", match), valuation("v3", match)}
	three[2].Match, three[2].Scope, three[2].ScopeID = nil, "run", string(run)
	for _, want := range []int64{3, 0} {
		appended, err := store.AppendValuations(t.Context(), three)
		require.NoError(t, err)
		require.Equal(t, want, appended)
	}
	list := func(f postgres.ValuationFilter) []postgres.Valuation {
		return everyPage(t, func(p postgres.Page) ([]postgres.Valuation, string, error) {
			return store.Valuations(t.Context(), town, f, p)
		})
	}
	all := list(postgres.ValuationFilter{})
	require.Len(t, all, 3)
	for i := range all {
		three[i].CreatedAt = all[i].CreatedAt
	}
	require.Equal(t, three, all)
	require.Len(t, list(postgres.ValuationFilter{Match: &match, Moment: postgres.ExAnte}), 2)
	require.Len(t, list(postgres.ValuationFilter{Scope: "run", ScopeID: string(run)}), 1)

	one, err := store.Valuation(t.Context(), town, "v1")
	require.NoError(t, err)
	require.Equal(t, three[1], one)
	_, err = store.Valuation(t.Context(), town, "none")
	require.ErrorIs(t, err, postgres.ErrNotFound)

	spoiled := valuation("v4", match)
	spoiled.P5Minor = ptr(int64(1000))
	_, err = store.AppendValuations(t.Context(), []postgres.Valuation{valuation("v5", match), spoiled})
	require.ErrorIs(t, err, postgres.ErrInvalid)
	require.ErrorContains(t, err, "valuation v4")
	require.Len(t, list(postgres.ValuationFilter{}), 3, "none of a batch that fails")
}

func TestTheAuditListsWhoDidWhat(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	for _, subject := range []string{"r1", "r2", "r1"} {
		require.NoError(t, store.AppendAudit(t.Context(), postgres.AuditEntry{
			City: town, Actor: "ann", Role: city.Matcher, Action: "start", Kind: "run", Subject: subject, RequestID: "q", Detail: []byte(`{"ward": "2"}`),
		}))
	}
	list := func(f postgres.AuditFilter) []postgres.AuditEntry {
		return everyPage(t, func(p postgres.Page) ([]postgres.AuditEntry, string, error) {
			return store.ListAudit(t.Context(), town, f, p)
		})
	}
	require.Len(t, list(postgres.AuditFilter{}), 3)
	got := list(postgres.AuditFilter{Kind: "run", Subject: "r1"})
	require.Len(t, got, 2)
	require.Equal(t, []any{"ann", city.Matcher, "start", "q"}, []any{got[0].Actor, got[0].Role, got[0].Action, got[0].RequestID})
	require.NotNil(t, got[0].CityAt)
}

func TestWhatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	away, err := postgres.Open(t.Context(), "postgres://crg@127.0.0.1:1/none?connect_timeout=2")
	require.NoError(t, err, "opening does not wait for the server")
	t.Cleanup(away.Close)
	require.True(t, postgres.Unavailable(away.Ping(t.Context())))
	_, err = away.City(t.Context(), town)
	require.True(t, postgres.Unavailable(err))
	require.False(t, postgres.Unavailable(nil))
	require.False(t, postgres.Unavailable(postgres.ErrNotFound))
	require.False(t, postgres.Unavailable(errors.New("other")))
	_, err = postgres.Open(t.Context(), "not an address")
	require.Error(t, err)

	store := aTown(t)
	conn, err := store.Pool().Acquire(t.Context())
	require.NoError(t, err)
	exec(t, store, "SELECT pg_terminate_backend($1)", int32(conn.Conn().PgConn().PID()))
	_, err = conn.Exec(t.Context(), "SELECT 1")
	require.True(t, postgres.Unavailable(err), err)
	conn.Release()
	require.NoError(t, store.Ping(t.Context()), "the pool connects again")
}
