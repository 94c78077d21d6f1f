package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

func TestAResourceIsListedReadAndWithdrawn(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	start := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
	no := false
	created := b.post(b.giver(), "/api/v1/resources", wire.NewResource{
		Leaf: string(produce), Quantity: 250, Title: "Apples, second class", Attributes: map[string]any{"refrigerated": true, "lift_kg": 500.5},
		Windows: []wire.Window{{Start: start, End: start.Add(8 * time.Hour)}}, Point: &wire.Point{Lon: 10.5, Lat: 50.5},
		Resource: wire.ResourceTerms{
			RadiusMetres: 5000, MinimumLot: 50, Divisible: &no, CostPerUnit: "1.50", ReceiverKinds: []wire.Kind{wire.KindOrganisation},
			PerishBy: start.Add(48 * time.Hour),
		},
	})
	listing := want[wire.Listing](created, http.StatusCreated)
	path := "/api/v1/resources/" + listing.ID
	require.Equal(t, path, created.header.Get("Location"))
	require.Equal(t, "giver", listing.Holder)
	require.Equal(t, "2", listing.Ward, "the ward is found by the polygons")
	require.Equal(t, wire.UnitKg, listing.Unit)
	require.Equal(t, wire.QualityDeclared, listing.Quality)
	require.Equal(t, wire.ListingStateOpen, listing.State)
	require.Equal(t, "1.50", listing.Resource.CostPerUnit)
	require.False(t, *listing.Resource.Divisible)
	require.InDelta(t, 1, *listing.Resource.Condition, 0)

	read := b.get(b.giver(), path)
	require.Equal(t, listing, want[wire.Listing](read, http.StatusOK))
	etag := read.header.Get("ETag")
	require.Regexp(t, `^"[\x21\x23-\x7e]+"$`, etag, "RFC 9110: visible characters only")
	require.Equal(t, created.header.Get("ETag"), etag)
	b.get(b.giver(), "/api/v1/needs/"+listing.ID).problem(http.StatusNotFound, "not-found")

	withdraw := call{
		method: http.MethodPost, path: path + "/withdrawal", key: b.giver(), body: wire.NewWithdrawal{},
		header: map[string]string{"If-Match": `"stale"`},
	}
	b.do(withdraw).problem(http.StatusPreconditionFailed, "precondition-failed")
	withdraw.header["If-Match"] = etag
	require.Equal(t, wire.ListingStateWithdrawn, want[wire.Listing](b.do(withdraw), http.StatusOK).State)

	audit, _, err := b.store.ListAudit(t.Context(), b.city, postgres.AuditFilter{Kind: "listing", Subject: listing.ID}, postgres.Page{})
	require.NoError(t, err)
	require.Len(t, audit, 2)
	require.Equal(t, "create", audit[0].Action)
	require.Equal(t, "withdraw", audit[1].Action)
}

func TestANeedIsListed(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	no := false
	b.post(b.operator(), "/api/v1/needs", wire.NewNeed{
		Holder: "receiver", Leaf: string(produce), Quantity: 40, Need: wire.NeedTerms{MinimumLot: 41},
	}).problem(http.StatusUnprocessableEntity, "refused")
	listing := want[wire.Listing](b.post(b.operator(), "/api/v1/needs", wire.NewNeed{
		ID: "lunch-1", Holder: "receiver", Leaf: "food.prepared-chilled", Quantity: 40,
		Need: wire.NeedTerms{
			Substitutes: []wire.Leaf{string(produce)}, MaxDistanceMetres: 3000, Urgency: 1, BudgetPerUnit: "0.25", StorageCapacity: 80,
			Divisible: &no, MinimumLot: 20,
			Constraints: []wire.Constraint{{Attribute: "refrigerated", Operator: "=", Value: true}},
		},
	}), http.StatusCreated)
	require.Equal(t, "lunch-1", listing.ID)
	require.False(t, *listing.Need.Divisible)
	require.EqualValues(t, 20, listing.Need.MinimumLot)
	require.Equal(t, "receiver", listing.Holder)
	require.InDelta(t, 9.51234, listing.Point.Lon, 1e-9, "without a place of its own it is its holder's")
	require.Equal(t, []wire.Leaf{string(produce)}, listing.Need.Substitutes)
	require.Equal(t, true, listing.Need.Constraints[0].Value)
	require.Equal(t, "0.25", listing.Need.BudgetPerUnit)

	b.post(b.operator(), "/api/v1/needs", wire.NewNeed{ID: "lunch-1", Holder: "receiver", Leaf: string(produce), Quantity: 1}).
		problem(http.StatusConflict, "conflict")
}

// A listing's own id names one listing: the same again is that one, something else under the same id is told.
func TestOneIDIsOneListing(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	start := time.Now().UTC().Add(time.Hour)
	no := false
	offer := func() wire.NewResource {
		return wire.NewResource{
			ID: "van-1", Leaf: string(produce), Quantity: 5, Title: "Apples", Attributes: map[string]any{"refrigerated": true, "lift": 2.5},
			Windows:   []wire.Window{{Start: start.Add(2 * time.Hour), End: start.Add(4 * time.Hour)}, {Start: start, End: start.Add(2 * time.Hour)}},
			ExpiresAt: start.Add(1234567891 * time.Nanosecond),
			Resource: wire.ResourceTerms{
				RadiusMetres: 100, CostPerUnit: "1.50", PerishBy: start, Divisible: &no, ReceiverKinds: []wire.Kind{wire.KindBusiness},
			},
		}
	}
	first := want[wire.Listing](b.post(b.giver(), "/api/v1/resources", offer()), http.StatusCreated)
	require.Equal(t, first, want[wire.Listing](b.post(b.giver(), "/api/v1/resources", offer()), http.StatusCreated))
	for name, change := range map[string]func(*wire.NewResource){
		"title":   func(r *wire.NewResource) { r.Title = "Pears" },
		"terms":   func(r *wire.NewResource) { r.Resource.RadiusMetres = 5000 },
		"windows": func(r *wire.NewResource) { r.Windows = r.Windows[1:] },
		"place":   func(r *wire.NewResource) { r.Point = &wire.Point{Lon: 9.6, Lat: 50} },
		"expiry":  func(r *wire.NewResource) { r.ExpiresAt = start.Add(time.Hour) },
	} {
		other := offer()
		change(&other)
		require.Equal(t, http.StatusConflict, b.post(b.giver(), "/api/v1/resources", other).status, name)
	}
	b.post(b.operator(), "/api/v1/needs", wire.NewNeed{ID: "van-1", Holder: "giver", Leaf: string(produce), Quantity: 5}).
		problem(http.StatusConflict, "conflict")
	want[wire.Listing](b.post(b.giver(), "/api/v1/resources/van-1/withdrawal", wire.NewWithdrawal{}), http.StatusOK)
	require.Equal(t, wire.ListingStateWithdrawn, want[wire.Listing](b.post(b.giver(), "/api/v1/resources", offer()), http.StatusCreated).State)

	ask := wire.NewNeed{ID: "ask-1", Holder: "receiver", Leaf: string(produce), Quantity: 5, Need: wire.NeedTerms{
		Substitutes: []wire.Leaf{"food.dairy"}, BudgetPerUnit: "0.25", Constraints: []wire.Constraint{{Attribute: "lift", Operator: ">=", Value: 2.5}},
	}}
	want[wire.Listing](b.post(b.operator(), "/api/v1/needs", ask), http.StatusCreated)
	want[wire.Listing](b.post(b.operator(), "/api/v1/needs", ask), http.StatusCreated)
}

func TestOnlyActiveParticipantsList(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	_, err := b.store.TransitionParticipant(t.Context(), b.city, "giver", city.ParticipantSuspended, "expired papers")
	require.NoError(t, err)
	p := b.post(b.giver(), "/api/v1/resources", wire.NewResource{Leaf: string(produce), Quantity: 1}).
		problem(http.StatusConflict, "state-conflict")
	require.Equal(t, "suspended", p.State)
	b.post(b.operator(), "/api/v1/needs", newNeed()).problem(http.StatusBadRequest, "invalid-request")
	unknown := newNeed()
	unknown.Holder = "ghost"
	b.post(b.operator(), "/api/v1/needs", unknown).problem(http.StatusUnprocessableEntity, "refused")
}

func TestConfirmationsInBulkStandEachForItself(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for i := range 5 {
		b.resource(city.ListingID(fmt.Sprintf("kerb-%d", i)), "giver", 1, city.ListingUnconfirmed)
	}
	b.resource("open", "giver", 1, city.ListingOpen)
	b.resource("other", "stranger", 1, city.ListingUnconfirmed)
	body := wire.NewConfirmations{Simulated: true, Answers: []wire.NewConfirmation{
		{Resource: "kerb-0", Usable: true},
		{Resource: "kerb-1", Usable: true},
		{Resource: "kerb-2"},
		{Resource: "open", Usable: true},
		{Resource: "other", Usable: true},
		{Resource: "ghost"},
		{Resource: "kerb-0"},
	}}
	done := want[wire.Confirmations](b.post(b.giver(), "/api/v1/resources/confirmations", body), http.StatusOK)
	require.Equal(t, 2, done.Confirmed)
	require.Equal(t, 1, done.Denied)
	refused := map[string]string{}
	for _, one := range done.Refused {
		refused[one.Resource] = one.Detail
	}
	require.Equal(t, map[string]string{
		"open":   "it is open, not unconfirmed",
		"other":  "there is no such resource, or it is not yours",
		"ghost":  "there is no such resource, or it is not yours",
		"kerb-0": "answered twice in this request: the first answer counts",
	}, refused)
	unconfirmed := want[wire.ListingPage](b.get(b.operator(), "/api/v1/resources?state=unconfirmed"), http.StatusOK)
	require.Len(t, unconfirmed.Items, 3)

	again := want[wire.Confirmations](b.post(b.operator(), "/api/v1/resources/confirmations", wire.NewConfirmations{
		Answers: []wire.NewConfirmation{{Resource: "other", Usable: true}},
	}), http.StatusOK)
	require.Equal(t, 1, again.Confirmed, "an operator answers for anybody")
}

func TestPagesLoseNothingWhileThingsAreAdded(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for i := range 7 {
		b.resource(city.ListingID(fmt.Sprintf("p-%d", i)), "giver", 1, city.ListingOpen)
	}
	var seen []string
	for after, pages := "", 0; ; pages++ {
		path := "/api/v1/resources?limit=3"
		if after != "" {
			path += "&after=" + after
		}
		page := want[wire.ListingPage](b.get(b.auditor(), path), http.StatusOK)
		for _, item := range page.Items {
			seen = append(seen, item.ID)
		}
		if pages == 0 {
			b.resource("a-new", "giver", 1, city.ListingOpen) // before the page's end: it comes with the next look
		}
		if after = page.Next; after == "" {
			require.Equal(t, 2, pages)
			break
		}
	}
	require.Equal(t, []string{"p-0", "p-1", "p-2", "p-3", "p-4", "p-5", "p-6"}, seen)
	filtered := want[wire.ListingPage](b.get(b.auditor(), "/api/v1/resources?leaf=food.produce&ward=1&holder=giver&state=open"), http.StatusOK)
	require.Len(t, filtered.Items, 8)
	require.Empty(t, want[wire.ListingPage](b.get(b.auditor(), "/api/v1/resources?ward=2"), http.StatusOK).Items)
}

func TestThePlaceOfAPrivatePersonIsRounded(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.participant("person", city.Person, city.Observed)
	b.resource("bike", "person", 1, city.ListingOpen)
	for key, exact := range map[string]bool{
		b.auditor(): false, b.matcher(): false, b.operator(): true, b.key("person", "person", city.Lister): true,
	} {
		who := want[wire.Participant](b.get(key, "/api/v1/participants/person"), http.StatusOK)
		what := want[wire.Listing](b.get(key, "/api/v1/resources/bike"), http.StatusOK)
		if exact {
			require.InDelta(t, 9.51234, who.Point.Lon, 1e-9)
			require.InDelta(t, 9.51234, what.Point.Lon, 1e-9)
			continue
		}
		require.InDelta(t, 9.512, who.Point.Lon, 1e-9)
		require.Equal(t, wire.LocationQualityBlock, who.LocationQuality)
		require.InDelta(t, 9.512, what.Point.Lon, 1e-9)
		require.InDelta(t, 50.123, what.Point.Lat, 1e-9)
	}
	require.InDelta(t, 9.51234, want[wire.Participant](b.get(b.auditor(), "/api/v1/participants/giver"), http.StatusOK).Point.Lon, 1e-9,
		"an organisation's place is no secret")
}
