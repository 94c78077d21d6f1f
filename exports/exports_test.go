package exports_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/exports"
	"github.com/city-resource-graph/crg/postgres"
)

// shelf is a store with three matches, a page each.
type shelf struct{ exports.Store }

func (shelf) City(context.Context, city.ID) (postgres.City, error) {
	return postgres.City{ID: "dc", TimeZone: "America/New_York", Currency: "USD"}, nil
}

func (shelf) Run(_ context.Context, _ city.ID, run city.RunID) (postgres.Run, error) {
	if run != "r1" {
		return postgres.Run{}, postgres.ErrNotFound
	}
	return postgres.Run{ID: run}, nil
}

func (shelf) ListMatches(_ context.Context, _ city.ID, f postgres.MatchFilter, page postgres.Page) ([]postgres.Match, string, error) {
	weighed, received := int64(9), int64(10)
	at := time.Date(2025, 6, 2, 18, 0, 0, 0, time.UTC)
	m := postgres.Match{
		ID: city.MatchID{Run: f.Run, Leaf: "food.produce", N: 1}, Giver: "=HYPERLINK(1)", Quantity: 10, Unit: city.Kilogram,
		ExpectedMinor: 20761, ReceivedQuantity: &received, MeasuredQuantity: &weighed, State: city.MatchConfirmed, Origin: city.Observed, CreatedAt: at,
	}
	next := map[string]string{"": "1", "1": "2", "2": ""}[page.After]
	m.ID.N += len(page.After)
	return []postgres.Match{m}, next, nil
}

func TestMatchesAsATable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, exports.Write(t.Context(), shelf{}, exports.Request{City: "dc", Form: exports.MatchesCSV, Run: "r1"}, &out))
	rows, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+3)
	row := map[string]string{}
	for i, name := range rows[0] {
		row[name] = rows[1][i]
	}
	require.Equal(t, "r1:food.produce:1", row["match"])
	require.Equal(t, "'=HYPERLINK(1)", row["giver"], "no text becomes a formula where it is opened")
	require.Equal(t, "207.61", row["expected_value"])
	require.Equal(t, "9", row["measured_quantity"])
	require.Empty(t, row["handed_quantity"])
	require.Equal(t, "10", row["received_quantity"])
	require.Equal(t, "2025-06-02 14:00:00", row["created_at"], "in the city's zone")

	out.Reset()
	require.NoError(t, exports.Write(t.Context(), shelf{}, exports.Request{City: "dc", Form: exports.MatchesXLSX, Run: "r1"}, &out))
	book, err := excelize.OpenReader(&out)
	require.NoError(t, err)
	defer func() { require.NoError(t, book.Close()) }()
	giver, err := book.GetCellValue("matches", "H2")
	require.NoError(t, err)
	require.Equal(t, "=HYPERLINK(1)", giver)
	formula, err := book.GetCellFormula("matches", "H2")
	require.NoError(t, err)
	require.Empty(t, formula)

	require.ErrorContains(t, exports.Write(t.Context(), shelf{}, exports.Request{Form: "all.doc"}, &out), "want one of [hsds.json")
	require.ErrorIs(t, exports.Write(t.Context(), shelf{}, exports.Request{City: "dc", Form: exports.MatchesCSV, Run: "r2"}, &out), postgres.ErrNotFound)
}

// crowd is a store of many participants with a resource and a need each; it counts what it is asked.
type crowd struct {
	exports.Store
	people, asked int
}

func (*crowd) City(context.Context, city.ID) (postgres.City, error) {
	clock, err := city.NewClock(time.Time{}, time.Now(), 1)
	return postgres.City{ID: "dc", TimeZone: "UTC", Currency: "USD", Clock: clock}, err
}

func (c *crowd) ListParticipants(
	_ context.Context, _ city.ID, _ postgres.ParticipantFilter, page postgres.Page,
) (people []postgres.Participant, next string, _ error) {
	c.asked++
	from, _ := strconv.Atoi(page.After)
	for n := from; n < min(from+page.Limit, c.people); n++ {
		people = append(people, postgres.Participant{Participant: city.Participant{
			ID: city.ParticipantID(fmt.Sprintf("p%d", n)), Name: "P", Kind: city.Organisation,
		}})
	}
	if from+page.Limit < c.people {
		next = strconv.Itoa(from + page.Limit)
	}
	return people, next, nil
}

func (c *crowd) ListingsOf(_ context.Context, _ city.ID, holders []city.ParticipantID, _ ...city.ListingState) (all []postgres.Listing, _ error) {
	c.asked++
	for _, holder := range holders {
		all = append(all, postgres.Listing{Listing: city.Listing{
			ID: city.ListingID(holder) + ".food", Side: city.NeedSide, Holder: holder, Leaf: "food.dairy", Title: "Milk",
			Quantity: city.Quantity{Amount: 1, Unit: city.Kilogram}, State: city.ListingOpen, Need: &city.NeedTerms{},
		}})
	}
	return all, nil
}

// An export offers what is left: not what was received or promised, nor what is over.
func TestAnExportOffersWhatIsLeft(t *testing.T) {
	t.Parallel()
	past, ahead := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	listing := func(id city.ListingID, expires *time.Time) postgres.Listing {
		return postgres.Listing{ExpiresAt: expires, Listing: city.Listing{
			ID: id, Side: city.ResourceSide, Holder: "p0", Leaf: "food.dairy", Quantity: city.Quantity{Amount: 31, Unit: city.Kilogram},
			State: city.ListingOpen, Resource: &city.ResourceTerms{MinimumLot: 20},
		}}
	}
	some := listing("some", &ahead)
	some.Held, some.Committed = 6, 15
	stock := &pantry{crowd: crowd{people: 1}, listings: []postgres.Listing{some, listing("all", nil), listing("over", &past)}}
	var out bytes.Buffer
	require.NoError(t, exports.Write(t.Context(), stock, exports.Request{City: "dc", Form: exports.HSDSJSON}, &out))
	require.Equal(t, []city.ListingState{city.ListingOpen, city.ListingUnconfirmed}, stock.states)
	require.Contains(t, out.String(), `\"amount\":10,`)
	require.Contains(t, out.String(), `\"minimum_lot\":10,`)
	require.Contains(t, out.String(), `\"amount\":31,`)
	require.NotContains(t, out.String(), `"over"`)
	require.EqualValues(t, 20, stock.listings[0].Resource.MinimumLot, "what was read stays as it was")
}

// pantry is a crowd with listings of its own.
type pantry struct {
	crowd
	listings []postgres.Listing
	states   []city.ListingState
}

func (p *pantry) ListingsOf(_ context.Context, _ city.ID, _ []city.ParticipantID, states ...city.ListingState) ([]postgres.Listing, error) {
	p.states = states
	return p.listings, nil
}

// A city of any size is exported in two queries for each hundred participants, each with its own listings.
func TestAnExportAsksForManyAtOnce(t *testing.T) {
	t.Parallel()
	c := &crowd{people: 1050}
	var out bytes.Buffer
	require.NoError(t, exports.Write(t.Context(), c, exports.Request{City: "dc", Form: exports.HSDSJSON}, &out))
	require.Equal(t, 2*11, c.asked)
	var organizations []struct {
		ID       string
		Services []struct{ ID string }
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &organizations))
	require.Len(t, organizations, c.people)
	for _, o := range organizations {
		require.Len(t, o.Services, 1, o.ID)
	}
}
