package activities_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/graph/graphtest"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/projection"
)

func (w *world) onboarding() *activities.Onboarding {
	return &activities.Onboarding{Store: w.store, Cities: w.cities, Teller: w.teller(), Now: func() time.Time { return w.now }}
}

// apply records an applicant and returns its reference.
func (w *world) apply(p city.Participant) activities.ApplicantRef {
	w.t.Helper()
	p.City, p.State, p.Source, p.Origin = town, city.ParticipantApplied, "api", city.Observed
	p.SourceKey = string(p.ID)
	if p.Kind == "" {
		p.Kind = city.Organisation
	}
	if p.LocationQuality == "" {
		p.LocationQuality = city.Exact
	}
	require.NoError(w.t, w.store.InsertParticipant(w.t.Context(), p))
	return activities.ApplicantRef{City: town, Participant: p.ID}
}

func (w *world) ward() {
	w.t.Helper()
	square := `{"type":"Polygon","coordinates":[[[9.9,49.9],[10.1,49.9],[10.1,50.1],[9.9,50.1],[9.9,49.9]]]}`
	require.NoError(w.t, w.store.UpsertWards(w.t.Context(), town, []postgres.Ward{{ID: "1", Name: "Ward 1", Boundary: []byte(square)}}))
}

func TestChecksOfAnApplicant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ward()
	o := w.onboarding()
	inside, outside := &city.Point{Lon: 10, Lat: 50}, &city.Point{Lon: 11, Lat: 50}
	for name, test := range map[string]struct {
		applicant city.Participant
		flag      string
		reject    string
		flags     []string
	}{
		"nothing speaks against it": {applicant: city.Participant{ID: "a", Name: "Maple Pantry", Point: inside, AddressID: "17"}},
		"no name":                   {applicant: city.Participant{ID: "b", Name: "17 - 4", Point: inside}, reject: "fewer than two letters"},
		"outside":                   {applicant: city.Participant{ID: "c", Name: "Far Kitchen", Point: outside}, flags: []string{"outside every ward"}},
		"nowhere": {
			applicant: city.Participant{ID: "d", Name: "Somewhere", LocationQuality: city.Default},
			flags:     []string{"no location", "neither address"},
		},
		"a default place": {
			applicant: city.Participant{ID: "e", Name: "City Hall Kitchen", Point: inside, LocationQuality: city.Default},
			flags:     []string{"default"},
		},
		"a placeholder":    {applicant: city.Participant{ID: "f", Name: "Test", Point: inside}, flags: []string{"placeholder"}},
		"an import's flag": {applicant: city.Participant{ID: "g", Name: "Oak Hall", Point: inside}, flag: "two addresses", flags: []string{"two addresses"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ref := w.apply(test.applicant)
			ref.Flag = test.flag
			found := activities.ConcludeInput{ApplicantRef: ref}
			for _, check := range []func() (activities.Findings, error){
				func() (activities.Findings, error) { return o.ValidateApplicant(t.Context(), ref) },
				func() (activities.Findings, error) { return o.LocateApplicant(t.Context(), ref) },
				func() (activities.Findings, error) { return o.ScreenApplicant(t.Context(), ref) },
			} {
				findings, err := check()
				require.NoError(t, err)
				found.Flags = append(found.Flags, findings.Flags...)
				found.Reject += findings.Reject
			}
			require.Contains(t, found.Reject, test.reject)
			require.Len(t, found.Flags, len(test.flags))
			for i, flag := range test.flags {
				require.Contains(t, found.Flags[i], flag)
			}
			want := city.ParticipantActive
			switch {
			case test.reject != "":
				want = city.ParticipantRejected
			case len(test.flags) > 0:
				want = city.ParticipantInReview
			}
			for range 2 {
				view, err := o.Conclude(t.Context(), found)
				require.NoError(t, err)
				require.Equal(t, want, view.State)
			}
		})
	}
}

func TestDuplicateIsFlaggedByItsMarks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(city.Participant{ID: "first", Name: "Saint Mary Food Pantry", AddressID: "17", EmailDomain: "stmary.example"})
	second := w.apply(city.Participant{ID: "second", Name: "St. Mary Food Pantry", AddressID: "17", EmailDomain: "stmary.example"})
	found, err := w.onboarding().FindDuplicates(t.Context(), second)
	require.NoError(t, err)
	require.Len(t, found.Flags, 1)
	require.Contains(t, found.Flags[0], "may be first")
	require.Contains(t, found.Flags[0], "same address")
}

// What only the graph knows, that both are run by the same operator, comes before the reviewer beside what the rows say. With
// the graph away an application goes on with the rows alone.
func TestDuplicatesThatTheGraphKnowsComeBeforeTheReviewer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(city.Participant{ID: "first", Name: "Maple Street Food Pantry", Operator: "Hearth Charities", AddressID: "17"})
	w.apply(city.Participant{ID: "branch", Name: "Maple Street Food Pantry", Operator: "Hearth Charities", AddressID: "18"})
	g := graphtest.Connect(t, graphtest.Config(t))
	projector := &projection.Projector{Store: w.store, Graph: g}
	_, err := projector.Reconcile(t.Context(), false, func() {})
	require.NoError(t, err)
	ref := w.apply(city.Participant{ID: "second", Name: "Kitchen on Maple", Operator: "hearth charities", AddressID: "17"})

	o := w.onboarding()
	o.Logger = slog.New(slog.DiscardHandler)
	found, err := o.FindDuplicates(t.Context(), ref)
	require.NoError(t, err)
	require.Empty(t, found.Flags, "the rows know nothing")
	o.Graph = g
	found, err = o.FindDuplicates(t.Context(), ref)
	require.NoError(t, err)
	require.Len(t, found.Flags, 1, "a branch at another address is none")
	require.Contains(t, found.Flags[0], "may be first")
	require.Contains(t, found.Flags[0], "same address, same operator")
	_, err = o.Conclude(t.Context(), activities.ConcludeInput{ApplicantRef: ref, Findings: found})
	require.NoError(t, err)
	p, err := w.store.Participant(t.Context(), town, "second")
	require.NoError(t, err)
	require.Equal(t, city.ParticipantInReview, p.State)
	require.Contains(t, p.StateReason, found.Flags[0], "the list of reviews shows it")

	config := graphtest.Config(t)
	config.URI = "bolt://127.0.0.1:1" // nobody listens there
	o.Graph, err = graph.Open(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, o.Graph.Close(context.WithoutCancel(t.Context()))) })
	began := time.Now()
	found, err = o.FindDuplicates(t.Context(), ref)
	require.NoError(t, err)
	require.Empty(t, found.Flags)
	require.Less(t, time.Since(began), 25*time.Second, "the driver's own retries take 30 s")
}

// review records a review as the API does.
func (w *world) review(ref activities.ApplicantRef, kind city.DecisionKind, actor string) city.DecisionID {
	w.t.Helper()
	id := city.DecisionID(string(kind) + "-" + actor)
	require.NoError(w.t, w.store.RecordDecision(w.t.Context(), postgres.Decision{
		City: town, ID: id, Kind: kind, Party: city.CityHall, Actor: actor, Role: city.Approver, Participant: ref.Participant, Origin: city.Observed,
	}))
	return id
}

func TestReviewBeforeTheChecksWaitsForThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.onboarding()
	ref := w.apply(city.Participant{ID: "a", Name: "Maple Pantry"})
	early := w.review(ref, city.DecisionReviewAccept, "ada")
	view, err := o.TakeReviews(t.Context(), activities.TakeReviewsInput{ApplicantRef: ref})
	require.NoError(t, err)
	require.Equal(t, city.ParticipantApplied, view.State)
	late := w.review(ref, city.DecisionReviewReject, "bob")
	view, err = o.Conclude(t.Context(), activities.ConcludeInput{ApplicantRef: ref, Findings: activities.Findings{Flags: []string{"no location"}}})
	require.NoError(t, err)
	require.Equal(t, city.ParticipantActive, view.State, "the first review counts")
	for id, want := range map[city.DecisionID]city.DecisionOutcome{early: city.DecisionApplied, late: city.DecisionIgnored} {
		outcome, _ := w.outcome(id)
		require.Equal(t, want, outcome)
	}
}

func TestReviewDeadlines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.onboarding()
	ref := w.apply(city.Participant{ID: "a", Name: "Maple Pantry"})
	require.NoError(t, w.store.InsertListing(t.Context(), postgres.Listing{Listing: city.Listing{ // an import brought both
		ID: "a.food", City: town, Side: city.NeedSide, Holder: "a", Leaf: leaf, Title: "Food",
		Quantity: city.Quantity{Amount: 5, Unit: city.Kilogram, Quality: city.Declared}, Point: east(0), LocationQuality: city.Exact,
		Temperature: city.Ambient, State: city.ListingOpen, Origin: city.Generated, Source: "test", SourceKey: "a",
		Need: &city.NeedTerms{Urgency: city.Normal},
	}}))
	view, err := o.Conclude(t.Context(), activities.ConcludeInput{ApplicantRef: ref, Findings: activities.Findings{Flags: []string{"no location"}}})
	require.NoError(t, err)
	var steps []activities.Step
	for view.State == city.ParticipantInReview {
		steps = append(steps, view.Next.Step)
		w.now = view.Next.At
		view, err = o.PassReviewDeadline(t.Context(), activities.PassReviewDeadlineInput{ApplicantRef: ref, Step: view.Next.Step})
		require.NoError(t, err)
	}
	require.Equal(t, []activities.Step{activities.StepRemind, activities.StepEscalate, activities.StepExpire}, steps)
	require.Equal(t, city.ParticipantRejected, view.State)
	broken, err := w.store.Invariants(t.Context())
	require.NoError(t, err)
	require.Empty(t, broken, "what it listed waits for its appeal")
	for range 2 {
		_, err = o.GiveNotice(t.Context(), ref)
		require.NoError(t, err)
	}
	entries, _, err := w.store.ListAudit(t.Context(), town, postgres.AuditFilter{Kind: "participant", Subject: "a"}, postgres.Page{})
	require.NoError(t, err)
	notices := 0
	for _, entry := range entries {
		if entry.Action == "notice:rejected" {
			notices++
		}
	}
	require.Equal(t, 1, notices)
}

// Whoever is looked at again while a match of it is under way is rejected neither by a person nor by silence before that has ended.
func TestNobodyIsRejectedOfWhomSomethingIsPromised(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.onboarding()
	match := w.proposal(500)
	ref := activities.ApplicantRef{City: town, Participant: "pantry"}
	_, err := w.store.TransitionParticipant(t.Context(), town, ref.Participant, city.ParticipantInReview, "since it was accepted its data changed (name)")
	require.NoError(t, err)
	reject := postgres.Decision{
		City: town, ID: "no", Kind: city.DecisionReviewReject, Party: city.CityHall, Actor: "ada", Role: city.Approver, Reason: city.ReasonOther,
		Participant: ref.Participant, Origin: city.Observed,
	}
	err = w.store.RecordDecision(t.Context(), reject)
	require.ErrorIs(t, err, postgres.ErrConflict)
	require.ErrorContains(t, err, "cancel them first")
	typed := activities.Announced{Kind: city.DecisionReviewReject, TypedIn: "typed"}
	view, err := o.TakeReviews(t.Context(), activities.TakeReviewsInput{ApplicantRef: ref, Announced: []activities.Announced{typed}})
	require.NoError(t, err)
	require.Equal(t, city.ParticipantInReview, view.State)
	outcome, reason := w.outcome("typed")
	require.Equal(t, city.DecisionIgnored, outcome)
	require.Contains(t, reason, "cancel them first")

	expire := activities.PassReviewDeadlineInput{ApplicantRef: ref, Step: activities.StepExpire}
	view, err = o.PassReviewDeadline(t.Context(), expire)
	require.NoError(t, err)
	require.Equal(t, city.ParticipantInReview, view.State)
	require.Equal(t, activities.StepExpire, view.Next.Step)
	require.True(t, view.Next.At.After(w.now), "it waits once more")

	require.NoError(t, w.store.CloseMatch(t.Context(), town, match.Match, city.MatchExpired, "nobody answered"))
	view, err = o.PassReviewDeadline(t.Context(), expire)
	require.NoError(t, err)
	require.Equal(t, city.ParticipantRejected, view.State)
}
