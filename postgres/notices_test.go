package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

func contact(id string, change func(*postgres.Contact)) postgres.Contact {
	c := postgres.Contact{City: "town", ID: id, Channel: city.EMail, Address: id + "@example.org"}
	change(&c)
	return c
}

func TestEachContactIsToldOnce(t *testing.T) {
	t.Parallel()
	store := soundTown(t)
	ctx := t.Context()
	for _, c := range []postgres.Contact{
		contact("giver-mail", func(c *postgres.Contact) { c.Participant = "giver" }),
		contact("ann-mail", func(c *postgres.Contact) { c.Actor = "ann" }),
		contact("bob-mail", func(c *postgres.Contact) { c.Actor = "bob" }),
		contact("picky", func(c *postgres.Contact) { c.Actor, c.Events = "ann", []city.NoticeEvent{city.NoticeMatchEnded} }),
		contact("gone", func(c *postgres.Contact) { c.Participant = "giver" }),
	} {
		require.NoError(t, store.AddContact(ctx, c))
		require.NoError(t, store.AddContact(ctx, c), "the same twice")
	}
	other := contact("giver-mail", func(c *postgres.Contact) { c.Actor = "eve" })
	require.ErrorIs(t, store.AddContact(ctx, other), postgres.ErrConflict)
	require.NoError(t, store.EndContact(ctx, "town", "gone", "asked for it"))
	for _, actor := range []string{"ann", "bob"} {
		require.NoError(t, store.CreateKey(ctx, postgres.Key{
			City: "town", ID: actor, Hash: [32]byte{actor[0]}, Actor: actor, Roles: []city.Role{city.Approver},
		}))
	}
	a := postgres.Announcement{
		City: "town", Key: "match:m:waiting", Event: city.NoticeMatchWaiting, Kind: "match", Subject: "m",
		Participants: []city.ParticipantID{"giver"}, Roles: []city.Role{city.Approver}, ButNot: []string{"bob"},
	}
	for range 2 {
		pending, err := store.Announce(ctx, a)
		require.NoError(t, err)
		require.Equal(t, 2, pending, "giver and ann; a repeat says so again and adds nothing")
	}
	due, err := store.DueNotices(ctx, "town", 10)
	require.NoError(t, err)
	require.Len(t, due, 2)

	// An attempt is claimed once, recorded once, and pauses the notice.
	notice := due[0].Notice
	claimed, err := store.ClaimNotice(ctx, notice, time.Minute)
	require.NoError(t, err)
	require.True(t, claimed)
	claimed, err = store.ClaimNotice(ctx, notice, time.Minute)
	require.NoError(t, err)
	require.False(t, claimed, "somebody else is at it")
	later := time.Now().Add(time.Hour)
	require.NoError(t, store.RecordAttempt(ctx, notice, postgres.Attempt{N: 1, Outcome: "retry", Detail: "away"}, city.NoticePending, later))
	require.NoError(t, store.HoldNotice(ctx, due[1].Notice, later))
	wait, pending, err := store.NextNotice(ctx, "town")
	require.NoError(t, err)
	require.True(t, pending)
	require.InDelta(t, time.Hour, wait, float64(time.Minute))
	require.NoError(t, store.RecordAttempt(ctx, notice, postgres.Attempt{N: 2, Outcome: "failed", Detail: "no"}, city.NoticeFailed, later))
	require.NoError(t, store.RecordAttempt(ctx, notice, postgres.Attempt{N: 3, Outcome: "sent"}, city.NoticeSent, later), "too late: it is settled")
	settled, err := store.Notice(ctx, "town", notice.ID)
	require.NoError(t, err)
	require.Equal(t, city.NoticeFailed, settled.State)
	require.NoError(t, store.RetryNotice(ctx, "town", notice.ID))
	require.NoError(t, store.SuppressNotice(ctx, due[1].Notice, "overtaken"))
	var state *postgres.StateError
	require.ErrorAs(t, store.RetryNotice(ctx, "town", due[1].ID), &state)
	attempts, err := store.Attempts(ctx, "town", notice.ID)
	require.NoError(t, err)
	require.Len(t, attempts, 3)

	counts, err := store.NoticeCounts(ctx, "town")
	require.NoError(t, err)
	require.Equal(t, map[city.NoticeState]int64{city.NoticePending: 1, city.NoticeSuppressed: 1}, counts)
	page, next, err := store.ListNotices(ctx, "town", postgres.NoticeFilter{Kind: "match", Subject: "m"}, postgres.Page{Limit: 1})
	require.NoError(t, err)
	require.Len(t, page, 1)
	page, next, err = store.ListNotices(ctx, "town", postgres.NoticeFilter{}, postgres.Page{Limit: 1, After: next})
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.Empty(t, next)
	require.NoError(t, store.EndContact(ctx, "town", notice.Contact, "left"))
	settled, err = store.Notice(ctx, "town", notice.ID)
	require.NoError(t, err)
	require.Equal(t, city.NoticeSuppressed, settled.State, "what waited for a contact that ended is not sent")
}

func TestDeputiesAreInForceForATime(t *testing.T) {
	t.Parallel()
	store := soundTown(t)
	ctx := t.Context()
	town, err := store.City(ctx, "town")
	require.NoError(t, err)
	now := town.Clock.Now(time.Now())
	hour := time.Hour * time.Duration(town.Clock.Scale)
	for _, d := range []postgres.Delegation{
		{ID: "now", Approver: "ann", Deputy: "bob", StartsAt: now.Add(-hour), EndsAt: now.Add(hour)},
		{ID: "over", Approver: "ann", Deputy: "cat", StartsAt: now.Add(-2 * hour), EndsAt: now.Add(-hour)},
		{ID: "later", Approver: "ann", Deputy: "dan", StartsAt: now.Add(hour), EndsAt: now.Add(2 * hour)},
		{ID: "ended", Approver: "ann", Deputy: "eve", StartsAt: now.Add(-hour), EndsAt: now.Add(hour)},
	} {
		d.City, d.CreatedBy = "town", "ann"
		require.NoError(t, store.Delegate(ctx, d))
		require.NoError(t, store.Delegate(ctx, d), "the same twice")
	}
	require.ErrorIs(t, store.Delegate(ctx, postgres.Delegation{
		City: "town", ID: "self", Approver: "ann", Deputy: "ann", StartsAt: now, EndsAt: now.Add(hour), CreatedBy: "ann",
	}), postgres.ErrInvalid)
	require.NoError(t, store.EndDelegation(ctx, "town", "ended"))
	require.ErrorIs(t, store.EndDelegation(ctx, "town", "nobody"), postgres.ErrNotFound)
	deputies, err := store.Deputies(ctx, "town")
	require.NoError(t, err)
	require.Len(t, deputies, 1)
	require.Equal(t, "bob", deputies[0].Deputy)
}

// A deputy and whom he stands for are one signature, whichever of them comes first.
func TestADeputyAndHisApproverSignOnce(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]postgres.Decision{
		"the approver himself":  {Actor: "ann"},
		"the deputy for nobody": {Actor: "bob"},
		"another deputy":        {Actor: "cat", OnBehalfOf: "ann"},
		"a deputy of the first": {Actor: "dan", OnBehalfOf: "bob"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := soundTown(t)
			match := city.MatchID{Run: "run-1", Leaf: "food.produce", N: 1}
			sign := func(d postgres.Decision) postgres.Decision {
				d.City, d.Kind, d.Party, d.Role, d.Match, d.Origin = "town", city.DecisionApprove, city.CityHall, city.Approver, &match, city.Observed
				require.NoError(t, store.RecordDecision(t.Context(), d))
				taken, err := store.TakeDecision(t.Context(), "town", d.ID, postgres.Verdict{Outcome: city.DecisionApplied})
				require.NoError(t, err)
				return taken
			}
			require.Equal(t, city.DecisionApplied, sign(postgres.Decision{ID: "one", Actor: "bob", OnBehalfOf: "ann"}).Outcome)
			second.ID = "two"
			taken := sign(second)
			require.Equal(t, city.DecisionIgnored, taken.Outcome)
			require.Contains(t, taken.OutcomeReason, "approved before")
			require.Equal(t, city.DecisionApplied, sign(postgres.Decision{ID: "three", Actor: "zoe"}).Outcome)
		})
	}
}
