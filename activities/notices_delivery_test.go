package activities_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/postgres"
)

// announce records a notice of an approved match for each of n contacts of the store.
func (w *world) announce(keys ...string) {
	w.t.Helper()
	for _, key := range keys {
		_, err := w.store.Announce(w.t.Context(), postgres.Announcement{
			City: town, Key: key, Event: city.NoticeMatchEnded, Kind: "match", Subject: "r1:food.grocery-mixed:1", Participants: []city.ParticipantID{"store"},
		})
		require.NoError(w.t, err)
	}
}

func TestWhatIsRefusedFailsAndWhatMayPassIsTriedAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fail  error
		want  activities.Delivered
		state city.NoticeState
		ended bool
	}{
		"refused":   {fmt.Errorf("%w: 550", notices.ErrRefused), activities.Delivered{Failed: 1}, city.NoticeFailed, false},
		"gone":      {notices.ErrGone, activities.Delivered{Failed: 1}, city.NoticeFailed, true},
		"passing":   {errors.New("connection refused"), activities.Delivered{Retried: 1, Pending: true}, city.NoticePending, false},
		"asks time": {&notices.LaterError{After: time.Hour, Cause: errors.New("429")}, activities.Delivered{Retried: 1, Pending: true}, city.NoticePending, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.proposal(20_000)
			w.contacts()
			w.announce("k")
			done := w.deliver(&letterbox{fail: test.fail})
			if test.want.Pending {
				require.Positive(t, done.Wait)
				done.Wait = 0
			}
			require.Equal(t, test.want, done)
			found, _, err := w.store.ListNotices(t.Context(), town, postgres.NoticeFilter{}, postgres.Page{})
			require.NoError(t, err)
			require.Equal(t, test.state, found[0].State)
			require.Equal(t, 1, found[0].Attempts)
			attempts, err := w.store.Attempts(t.Context(), town, found[0].ID)
			require.NoError(t, err)
			require.Len(t, attempts, 1)
			c, err := w.store.Contact(t.Context(), town, "store")
			require.NoError(t, err)
			require.Equal(t, test.ended, c.EndedAt != nil)
		})
	}
}

// A notice is tried a number of times and then has failed; it is never lost on the way.
func TestAttemptsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.proposal(20_000)
	w.contacts()
	w.announce("k")
	box := &letterbox{fail: errors.New("connection refused")}
	for n := range notices.Attempts {
		done := w.deliver(box)
		require.Equal(t, n == notices.Attempts-1, done.Failed == 1, "attempt %d", n+1)
		_, err := w.store.Pool().Exec(t.Context(), "UPDATE notice SET due_at = now()")
		require.NoError(t, err)
	}
	require.Equal(t, activities.Delivered{}, w.deliver(box))
}

func TestWhatIsOvertakenIsNotSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(20_000)
	w.contacts()
	_, err := w.matches().LoadMatch(t.Context(), ref)
	require.NoError(t, err)
	require.NoError(t, w.store.CloseMatch(t.Context(), town, ref.Match, city.MatchExpired, "late"))
	box := &letterbox{}
	require.Equal(t, activities.Delivered{Suppressed: 4}, w.deliver(box))
	require.Empty(t, box.got)
	found, _, err := w.store.ListNotices(t.Context(), town, postgres.NoticeFilter{State: city.NoticeSuppressed}, postgres.Page{})
	require.NoError(t, err)
	require.Equal(t, "the match is expired", found[0].Reason)
}

// In quiet hours, by the city's clocks, a notice waits for their end.
func TestQuietHoursHoldANotice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.proposal(20_000)
	local := w.now.UTC() // the clock began at w.now
	require.NoError(t, w.store.AddContact(t.Context(), postgres.Contact{
		City: town, ID: "sleeper", Participant: "store", Channel: city.EMail, Address: "sleeper",
		QuietFrom: (local.Hour()*60 + local.Minute() + 1439) % 1440, QuietUntil: (local.Hour()*60 + local.Minute() + 120) % 1440,
	}))
	w.announce("k")
	box := &letterbox{}
	w.now = w.now.Add(10 * time.Millisecond)
	done := w.deliver(box)
	require.Equal(t, 1, done.Held)
	require.True(t, done.Pending)
	require.LessOrEqual(t, done.Wait, 2*time.Second, "two hours of the city are two seconds")
	require.Empty(t, box.got)
	w.now = w.now.Add(2 * time.Second)
	_, err := w.store.Pool().Exec(t.Context(), "UPDATE notice SET due_at = now()")
	require.NoError(t, err)
	require.Equal(t, 1, w.deliver(box).Sent)
}

// A webhook whose owner answers each notice with the change that causes the next one must not run hot.
func TestAContactThatGetsTooManyWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.proposal(20_000)
	w.contacts()
	keys := make([]string, 205)
	for i := range keys {
		keys[i] = fmt.Sprint("k", i)
	}
	w.announce(keys...)
	done := w.deliver(&letterbox{})
	require.Equal(t, 200, done.Sent)
	require.Equal(t, 5, done.Held)
	require.True(t, done.Pending)
}

func TestAChannelThatNobodyServes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.proposal(20_000)
	require.NoError(t, w.store.AddContact(t.Context(), postgres.Contact{
		City: town, ID: "hook", Participant: "store", Channel: city.Webhook, Address: "https://x.example", Secret: "0123456789abcdef0123456789abcdef",
	}))
	w.announce("k")
	require.Equal(t, activities.Delivered{Suppressed: 1}, w.deliver(&letterbox{}))
}
