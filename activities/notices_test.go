package activities_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/postgres"
)

// letterbox is a sender that keeps what it is given, or fails.
type letterbox struct {
	mu   sync.Mutex
	got  []notices.Message
	fail error
}

func (l *letterbox) Send(_ context.Context, m notices.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return l.fail
	}
	l.got = append(l.got, m)
	return nil
}

// events are what an address got, in its order.
func (l *letterbox) events(address string) []city.NoticeEvent {
	l.mu.Lock()
	defer l.mu.Unlock()
	var events []city.NoticeEvent
	for _, m := range l.got {
		if m.Address == address {
			events = append(events, m.Event)
		}
	}
	return events
}

// contacts gives giver, receiver and three people of the city an address each, and the people their keys.
func (w *world) contacts() {
	w.t.Helper()
	ctx := w.t.Context()
	for _, p := range []city.ParticipantID{"store", "pantry"} {
		require.NoError(w.t, w.store.AddContact(ctx, postgres.Contact{
			City: town, ID: string(p), Participant: p, Channel: city.EMail, Address: string(p),
		}))
	}
	for actor, role := range map[string]city.Role{"ann": city.Approver, "bob": city.Approver, "olga": city.Operator} {
		require.NoError(w.t, w.store.CreateKey(ctx, postgres.Key{
			City: town, ID: actor, Hash: [32]byte{actor[0]}, Actor: actor, Roles: []city.Role{role},
		}))
		require.NoError(w.t, w.store.AddContact(ctx, postgres.Contact{
			City: town, ID: actor, Actor: actor, Channel: city.EMail, Address: actor,
		}))
	}
}

func (w *world) courier(box *letterbox) *activities.Notices {
	return &activities.Notices{
		Store: w.store, Cities: w.cities, Senders: map[city.Channel]notices.Sender{city.EMail: box},
		Links: notices.Links{BaseURL: "https://crg.example/", Secret: []byte("0123456789abcdef0123456789abcdef")}, Now: func() time.Time { return w.now },
	}
}

func (w *world) deliver(box *letterbox) activities.Delivered {
	w.t.Helper()
	done, err := w.courier(box).DeliverNotices(w.t.Context(), activities.CityRef{City: town})
	require.NoError(w.t, err)
	return done
}

// From the proposal to the hand-over everybody is told once what concerns them.
func TestWhoIsToldOfAMatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(20_000)
	w.contacts()
	a, box := w.matches(), &letterbox{}
	for range 2 { // the second attempt of an activity whose answer was lost
		_, err := a.LoadMatch(t.Context(), ref)
		require.NoError(t, err)
	}
	require.Equal(t, 2, w.woken, "the repeat wakes the delivery again")
	require.Equal(t, activities.Delivered{Sent: 4}, w.deliver(box))
	require.Equal(t, activities.Delivered{}, w.deliver(box))
	require.Equal(t, "Please approve: Mixed groceries, 100 kg", box.got[0].Text.Title)
	require.Contains(t, box.got[0].Text.Body, "https://crg.example/api/v1/matches/r1:food.grocery-mixed:1")

	w.decide(ref, city.DecisionApprove, city.Giver, "store", 0)
	pass := func(step activities.Step) {
		t.Helper()
		_, err := a.PassDeadline(t.Context(), activities.PassDeadlineInput{MatchRef: ref, State: city.MatchProposed, Step: step})
		require.NoError(t, err)
	}
	pass(activities.StepRemind)
	pass(activities.StepRemind)
	w.deliver(box)
	require.Equal(t, []city.NoticeEvent{city.NoticeMatchWaiting}, box.events("store"), "who approved is not reminded")
	require.Equal(t, []city.NoticeEvent{city.NoticeMatchWaiting, city.NoticeMatchReminder}, box.events("pantry"))

	w.decide(ref, city.DecisionApprove, city.Receiver, "pantry", 0)
	w.decide(ref, city.DecisionApprove, city.CityHall, "ann", 0)
	view, err := a.TakeDecisions(t.Context(), activities.TakeDecisionsInput{MatchRef: ref})
	require.NoError(t, err)
	require.Equal(t, city.MatchApproved, view.State)
	w.deliver(box)
	require.Equal(t, []city.NoticeEvent{city.NoticeMatchWaiting, city.NoticeMatchApproved}, box.events("store"))
	require.Equal(t, []city.NoticeEvent{city.NoticeMatchWaiting, city.NoticeMatchReminder}, box.events("bob"))
	require.Empty(t, box.events("olga"))

	w.decide(ref, city.DecisionHandOver, city.Giver, "store", 90)
	_, err = a.TakeDecisions(t.Context(), activities.TakeDecisionsInput{MatchRef: ref})
	require.NoError(t, err)
	w.deliver(box)
	require.Len(t, box.events("store"), 2)
	require.Equal(t, city.NoticeMatchHandedOver, box.events("pantry")[3])
}

// An escalation goes to the deputies of those who are silent; where nobody has one, to the operators. It is on record.
func TestEscalationGoesToTheDeputy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(90_000)
	w.contacts()
	a, box := w.matches(), &letterbox{}
	_, err := a.LoadMatch(t.Context(), ref)
	require.NoError(t, err)
	w.deliver(box)
	escalate := func() {
		t.Helper()
		_, err := a.PassDeadline(t.Context(), activities.PassDeadlineInput{MatchRef: ref, State: city.MatchProposed, Step: activities.StepEscalate})
		require.NoError(t, err)
		w.deliver(box)
	}
	require.NoError(t, w.store.Delegate(t.Context(), postgres.Delegation{
		City: town, ID: "d", Approver: "ann", Deputy: "bob", StartsAt: w.now.Add(-time.Hour), EndsAt: w.now.Add(10_000 * time.Hour), CreatedBy: "ann",
	}))
	escalate()
	require.Equal(t, []city.NoticeEvent{city.NoticeMatchWaiting, city.NoticeMatchEscalated}, box.events("bob"))
	require.Empty(t, box.events("olga"))
	entries, _, err := w.store.ListAudit(t.Context(), town, postgres.AuditFilter{Kind: "match", Subject: ref.Match.String()}, postgres.Page{})
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.JSONEq(t, `{"deputies":["bob"]}`, string(entries[0].Detail))
}

func TestWithoutADeputyTheOperatorsAreAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(90_000)
	w.contacts()
	a, box := w.matches(), &letterbox{}
	_, err := a.LoadMatch(t.Context(), ref)
	require.NoError(t, err)
	_, err = a.PassDeadline(t.Context(), activities.PassDeadlineInput{MatchRef: ref, State: city.MatchProposed, Step: activities.StepEscalate})
	require.NoError(t, err)
	w.deliver(box)
	require.Equal(t, []city.NoticeEvent{city.NoticeMatchEscalated}, box.events("olga"))
}

// Two approvers are two persons: a deputy and whom he stands for are one.
func TestADeputyAndHisApproverCountOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(90_000)
	a := w.matches()
	view, err := a.LoadMatch(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, 2, view.Missing.CityApprovers)
	sign := func(actor, behalf string) activities.MatchView {
		t.Helper()
		require.NoError(t, w.store.RecordDecision(t.Context(), postgres.Decision{
			City: town, ID: city.DecisionID(actor + "-for-" + behalf + "."), Kind: city.DecisionApprove, Party: city.CityHall, Actor: actor,
			OnBehalfOf: behalf, Role: city.Approver, Match: &ref.Match, Origin: city.Generated,
		}))
		view, err := a.TakeDecisions(t.Context(), activities.TakeDecisionsInput{MatchRef: ref})
		require.NoError(t, err)
		return view
	}
	require.Equal(t, 1, sign("bob", "ann").Missing.CityApprovers)
	require.Equal(t, 1, sign("ann", "").Missing.CityApprovers)
	require.Equal(t, 1, sign("bob", "").Missing.CityApprovers)
	require.Equal(t, 1, sign("cat", "ann").Missing.CityApprovers)
	require.Equal(t, city.MatchApproved, sign("cat", "").State)
}

// Where the courier does not answer the step fails and is repeated; nobody is told twice.
func TestAStepThatCannotWakeTheDeliveryIsRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(20_000)
	w.contacts()
	w.asleep = errors.New("no connection")
	_, err := w.matches().LoadMatch(t.Context(), ref)
	require.ErrorContains(t, err, "no connection")
	w.asleep = nil
	_, err = w.matches().LoadMatch(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, activities.Delivered{Sent: 4}, w.deliver(&letterbox{}))
}

func TestWhoIsToldOfAnApplication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.holder("store", 0)
	w.holder("pantry", 1)
	w.contacts()
	ref := w.apply(city.Participant{ID: "new", Name: "New"})
	require.NoError(t, w.store.AddContact(t.Context(), postgres.Contact{City: town, ID: "new", Participant: "new", Channel: city.EMail, Address: "new"}))
	o, box := w.onboarding(), &letterbox{}
	conclude := activities.ConcludeInput{ApplicantRef: ref, Findings: activities.Findings{Flags: []string{"no location"}}}
	for range 2 {
		_, err := o.Conclude(t.Context(), conclude)
		require.NoError(t, err)
	}
	require.Equal(t, 2, w.deliver(box).Sent)
	for _, step := range []activities.Step{activities.StepRemind, activities.StepEscalate, activities.StepExpire} {
		_, err := o.PassReviewDeadline(t.Context(), activities.PassReviewDeadlineInput{ApplicantRef: ref, Step: step})
		require.NoError(t, err)
		w.deliver(box)
	}
	_, err := o.GiveNotice(t.Context(), ref)
	require.NoError(t, err)
	w.deliver(box)
	require.Equal(t, []city.NoticeEvent{city.NoticeOnboardingWaiting, city.NoticeOnboardingReminder}, box.events("ann"))
	require.Equal(t, []city.NoticeEvent{city.NoticeOnboardingEscalated}, box.events("olga"))
	require.Equal(t, []city.NoticeEvent{city.NoticeOnboardingRejected}, box.events("new"))
}
