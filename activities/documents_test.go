package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

const day = 24 * time.Hour

// papers is the verification of one participant, whose clock a test moves.
type papers struct {
	*world
	ref activities.ParticipantRef
	box *letterbox
}

func newPapers(t *testing.T) *papers {
	t.Helper()
	w := newWorld(t)
	w.holder("store", 0)
	w.holder("pantry", 1)
	w.contacts()
	return &papers{world: w, ref: activities.ParticipantRef{City: town, Participant: "store"}, box: &letterbox{}}
}

// submit records a document that expires some city time from the world's beginning.
func (p *papers) submit(id string, kind city.DocumentKind, expires time.Duration) {
	p.t.Helper()
	d := postgres.Document{City: town, ID: id, Participant: "store", Kind: kind, CreatedBy: "store"}
	if expires > 0 {
		at := p.now.Add(expires)
		d.ExpiresAt = &at
	}
	require.NoError(p.t, p.store.SubmitDocument(p.t.Context(), d))
}

func (p *papers) review(id, actor string, kind city.DecisionKind) city.DecisionID {
	p.t.Helper()
	d := postgres.Decision{
		City: town, ID: city.DecisionID(string(kind) + "." + id + "." + actor), Kind: kind, Party: city.CityHall, Actor: actor, Role: city.Approver,
		Participant: "store", Document: id, Origin: city.Generated,
	}
	require.NoError(p.t, p.store.RecordDecision(p.t.Context(), d))
	return d.ID
}

// look looks some city time after the world's beginning.
func (p *papers) look(after time.Duration) activities.DocumentsView {
	p.t.Helper()
	a := &activities.Documents{Store: p.store, Cities: p.cities, Teller: p.teller(), Now: func() time.Time { return p.now }}
	var view activities.DocumentsView
	for range 2 { // the second attempt of an activity whose answer was lost
		var err error
		view, err = a.LookAtDocuments(p.t.Context(), activities.LookAtDocumentsInput{ParticipantRef: p.ref, Waited: p.now.Add(after / 3600)})
		require.NoError(p.t, err)
	}
	return view
}

func (p *papers) state() city.ParticipantState {
	p.t.Helper()
	found, err := p.store.Participant(p.t.Context(), town, "store")
	require.NoError(p.t, err)
	return found.State
}

// From submission over review, warning and expiry to a new document.
func TestADocumentsLife(t *testing.T) {
	t.Parallel()
	p := newPapers(t)
	p.submit("old", city.Insurance, 100*day)
	view := p.look(0)
	require.Equal(t, 1, view.Submitted)
	require.True(t, view.Open)
	require.WithinDuration(t, p.now.Add(day/3600), *view.Next, 10*time.Second, "the reviewers' reminder")

	accept := p.review("old", "ann", city.DecisionAcceptDocument)
	view = p.look(0)
	require.Zero(t, view.Submitted)
	outcome, _ := p.outcome(accept)
	require.Equal(t, city.DecisionApplied, outcome)
	require.WithinDuration(t, p.now.Add(70*day/3600), *view.Next, 10*time.Second, "thirty days before the expiry")

	view = p.look(70 * day)
	require.Equal(t, city.ParticipantActive, view.State)
	require.WithinDuration(t, p.now.Add(100*day/3600), *view.Next, 10*time.Second)
	view = p.look(100 * day)
	require.Equal(t, city.ParticipantSuspended, view.State)
	require.Equal(t, []city.DocumentKind{city.Insurance}, view.Expired)
	require.False(t, view.Open, "nothing is waited for until a new one is submitted")

	p.submit("new", city.Insurance, 500*day)
	require.Equal(t, city.ParticipantSuspended, p.look(101*day).State)
	p.review("new", "ann", city.DecisionAcceptDocument)
	view = p.look(102 * day)
	require.Equal(t, city.ParticipantActive, view.State)
	require.True(t, view.Open)
	require.Equal(t, city.ParticipantActive, p.state())
}

func TestWhoSubmittedADocumentDoesNotReviewIt(t *testing.T) {
	t.Parallel()
	p := newPapers(t)
	require.NoError(t, p.store.SubmitDocument(t.Context(), postgres.Document{
		City: town, ID: "d", Participant: "store", Kind: city.Identity, CreatedBy: "ann",
	}))
	own := p.review("d", "ann", city.DecisionAcceptDocument)
	p.look(0)
	outcome, reason := p.outcome(own)
	require.Equal(t, city.DecisionIgnored, outcome)
	require.Equal(t, "ann submitted it", reason)
	p.review("d", "bob", city.DecisionAcceptDocument)
	require.Zero(t, p.look(0).Submitted)
}

// What else was decided decides nothing here: refused ones prove nothing, undated ones never expire, a newer one of a kind
// stands for an older one, and another suspension is not lifted.
func TestWhichDocumentsCount(t *testing.T) {
	t.Parallel()
	p := newPapers(t)
	p.submit("never", city.Registration, 0)
	p.submit("long", city.FoodHygiene, 300*day)
	p.submit("short", city.FoodHygiene, 50*day)
	p.submit("refused", city.Insurance, 10*day)
	for _, id := range []string{"never", "long", "short"} {
		p.review(id, "ann", city.DecisionAcceptDocument)
	}
	p.review("refused", "ann", city.DecisionRefuseDocument)
	view := p.look(60 * day)
	require.Equal(t, city.ParticipantActive, view.State)
	require.Empty(t, view.Expired)
	require.WithinDuration(t, p.now.Add(270*day/3600), *view.Next, 10*time.Second)
	_, err := p.store.TransitionParticipant(t.Context(), town, "store", city.ParticipantSuspended, "fraud")
	require.NoError(t, err)
	require.Equal(t, city.ParticipantSuspended, p.look(61*day).State)
}

func TestReviewersOfADocumentAreRemindedAndEscalated(t *testing.T) {
	t.Parallel()
	p := newPapers(t)
	p.submit("d", city.Insurance, 400*day)
	require.NotNil(t, p.look(0).Next)
	require.NotNil(t, p.look(day+time.Hour).Next)
	require.Nil(t, p.look(2*day+time.Hour).Next, "after that only a person can go on")
	p.deliver(p.box)
	require.Equal(t, []city.NoticeEvent{city.NoticeDocumentWaiting, city.NoticeDocumentWaiting}, p.box.events("ann"))
	require.Equal(t, []city.NoticeEvent{city.NoticeDocumentWaiting}, p.box.events("olga"))
	require.Equal(t, "A document waits for your review: insurance.", firstLine(p.box.got[0].Text.Body))
}

func firstLine(text string) string {
	for i, r := range text {
		if r == '\n' {
			return text[:i]
		}
	}
	return text
}

// The holder of an unconfirmed listing is asked, reminded at half-time, and the question closed at its end.
func TestAskHolder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		silent  city.IfSilent
		answer  *bool
		listing city.ListingState
		outcome string
	}{
		"silent, kept":    {silent: city.KeepIfSilent, listing: city.ListingUnconfirmed, outcome: "silent"},
		"silent, expires": {silent: city.ExpireIfSilent, listing: city.ListingExpired, outcome: "silent"},
		"confirmed":       {silent: city.ExpireIfSilent, answer: ptr(true), listing: city.ListingOpen, outcome: "confirmed"},
		"denied":          {silent: city.ExpireIfSilent, answer: ptr(false), listing: city.ListingWithdrawn, outcome: "denied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.holder("store", 0)
			w.holder("pantry", 1)
			w.contacts()
			listing := w.unconfirmed()
			require.NoError(t, w.store.AskForConfirmation(t.Context(), postgres.ConfirmationRequest{
				City: town, ID: "q", Listing: listing, AskedBy: "max", ExpiresAt: w.now.Add(10 * day), IfSilent: test.silent,
			}))
			box := &letterbox{}
			a := &activities.Confirmations{Store: w.store, Cities: w.cities, Teller: w.teller(), Now: func() time.Time { return w.now }}
			ask := func(after time.Duration) activities.ConfirmView {
				t.Helper()
				var view activities.ConfirmView
				for range 2 {
					var err error
					view, err = a.AskHolder(t.Context(), activities.AskHolderInput{
						ConfirmRef: activities.ConfirmRef{City: town, Listing: listing, Request: "q"}, Waited: w.now.Add(after / 3600),
					})
					require.NoError(t, err)
				}
				w.deliver(box)
				return view
			}
			require.Equal(t, activities.StepRemind, ask(0).Next.Step)
			require.Contains(t, box.got[0].Text.Body, "still there and usable: Mixed groceries, ")
			require.Contains(t, box.got[0].Text.Body, "https://crg.example/confirm/")
			require.Equal(t, activities.StepExpire, ask(5*day+time.Hour).Next.Step)
			require.Equal(t, []city.NoticeEvent{city.NoticeListingAsked, city.NoticeListingReminder}, box.events("store"))
			if test.answer != nil {
				_, err := w.store.ConfirmListings(t.Context(), town, []postgres.ListingAnswer{{Listing: listing, Usable: *test.answer, Decision: "a"}},
					postgres.Author{Actor: "store", Role: city.Lister, Party: city.Giver, Origin: city.Generated})
				require.NoError(t, err)
			}
			view := ask(10*day + time.Hour)
			require.Equal(t, activities.ConfirmView{Listing: test.listing, Outcome: test.outcome}, view)
		})
	}
}

// A question that is given up is closed, so that another one can be asked; an answer that came before counts.
func TestAskHolderGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.holder("store", 0)
	listing := w.unconfirmed()
	a := &activities.Confirmations{Store: w.store, Cities: w.cities, Teller: w.teller(), Now: func() time.Time { return w.now }}
	for _, request := range []string{"q1", "q2"} {
		require.NoError(t, w.store.AskForConfirmation(t.Context(), postgres.ConfirmationRequest{
			City: town, ID: request, Listing: listing, AskedBy: "max", ExpiresAt: w.now.Add(10 * day), IfSilent: city.ExpireIfSilent,
		}))
		for range 2 {
			view, err := a.AskHolder(t.Context(), activities.AskHolderInput{
				ConfirmRef: activities.ConfirmRef{City: town, Listing: listing, Request: request}, GivenUp: true,
			})
			require.NoError(t, err)
			require.Equal(t, activities.ConfirmView{Listing: city.ListingUnconfirmed, Outcome: "overtaken"}, view)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// unconfirmed records a resource that its holder never confirmed.
func (w *world) unconfirmed() city.ListingID {
	w.t.Helper()
	require.NoError(w.t, w.store.InsertListing(w.t.Context(), postgres.Listing{Listing: city.Listing{
		ID: "kerb", City: town, Side: city.ResourceSide, Holder: "store", Leaf: leaf, Title: "Kerb",
		Quantity: city.Quantity{Amount: 1, Unit: city.Kilogram, Quality: city.Declared}, Point: east(0), LocationQuality: city.Exact,
		Temperature: city.Ambient, State: city.ListingUnconfirmed, Origin: city.Generated, Source: "test", SourceKey: "kerb",
		Resource: &city.ResourceTerms{Divisible: true, MinimumLot: 1, Condition: 1, UsableChance: 0.5, ReceiverKinds: []city.Kind{}},
	}}))
	return "kerb"
}

// An appeal re-opens the review once, for another person.
func TestAppeal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.apply(city.Participant{ID: "new", Name: "New"})
	o := w.onboarding()
	_, err := o.Conclude(t.Context(), activities.ConcludeInput{ApplicantRef: ref, Findings: activities.Findings{Flags: []string{"no location"}}})
	require.NoError(t, err)
	say := func(id city.DecisionID, kind city.DecisionKind, actor, behalf string) (activities.ApplicantView, city.DecisionOutcome) {
		t.Helper()
		party := city.CityHall
		if kind == city.DecisionAppeal {
			party = city.Applicant
		}
		require.NoError(t, w.store.RecordDecision(t.Context(), postgres.Decision{
			City: town, ID: id, Kind: kind, Party: party, Actor: actor, OnBehalfOf: behalf, Role: city.Approver, Reason: city.ReasonSafety,
			Participant: "new", Origin: city.Generated,
		}))
		view, err := o.TakeReviews(t.Context(), activities.TakeReviewsInput{ApplicantRef: ref})
		require.NoError(t, err)
		outcome, _ := w.outcome(id)
		return view, outcome
	}
	view, _ := say("no", city.DecisionReviewReject, "bob", "ann")
	require.Equal(t, city.ParticipantRejected, view.State)
	view, _ = say("appeal", city.DecisionAppeal, "new", "")
	require.Equal(t, city.ParticipantInReview, view.State)
	require.NotZero(t, view.Next.At)
	for _, person := range []string{"ann", "bob"} {
		view, outcome := say(city.DecisionID("yes-"+person), city.DecisionReviewAccept, person, "")
		require.Equal(t, city.DecisionIgnored, outcome, person)
		require.Equal(t, city.ParticipantInReview, view.State)
	}
	view, _ = say("no-again", city.DecisionReviewReject, "cat", "")
	require.Equal(t, city.ParticipantRejected, view.State)
	view, outcome := say("appeal-again", city.DecisionAppeal, "new", "")
	require.Equal(t, city.DecisionIgnored, outcome)
	require.Equal(t, city.ParticipantRejected, view.State)

	_, err = w.store.TransitionParticipant(t.Context(), town, "new", city.ParticipantInReview, "since it was rejected its data changed (name)")
	require.NoError(t, err)
	view, _ = say("yes-cat", city.DecisionReviewAccept, "cat", "")
	require.Equal(t, city.ParticipantActive, view.State, "the appeal is over: this is another review")
}
