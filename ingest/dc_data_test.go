//go:build realdata

package ingest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
)

// dcFolder is where the data of Washington, DC, is: CRG_DATA names the folder above it.
func dcFolder(tb testing.TB) string {
	tb.Helper()
	data := os.Getenv("CRG_DATA")
	require.NotEmpty(tb, data, "CRG_DATA is not set: make test-data DATA=<folder> sets it")
	return filepath.Join(data, "dc")
}

func openDC(tb testing.TB) *ingest.City {
	tb.Helper()
	folder, err := cities.Open("dc")
	require.NoError(tb, err)
	c, err := ingest.Open(folder, city.DefaultTaxonomy())
	require.NoError(tb, err)
	return c
}

var loadDC = sync.OnceValues(func() (*ingest.Data, error) {
	folder, err := cities.Open("dc")
	if err != nil {
		return nil, err
	}
	c, err := ingest.Open(folder, city.DefaultTaxonomy())
	if err != nil {
		return nil, err
	}
	return ingest.Load(context.Background(), c, filepath.Join(os.Getenv("CRG_DATA"), "dc"))
})

func dc(tb testing.TB) *ingest.Data {
	tb.Helper()
	dcFolder(tb)
	data, err := loadDC()
	require.NoError(tb, err)
	return data
}

// golden compares a text with a golden file, of which lines that begin with # explain the figures.
func golden(t *testing.T, name, got string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	var want []string
	for _, line := range strings.Split(strings.TrimSpace(string(content)), "\n") {
		if !strings.HasPrefix(line, "#") {
			want = append(want, strings.TrimRight(line, " "))
		}
	}
	require.Equal(t, strings.Join(want, "\n"), strings.TrimSpace(got))
}

func TestDCListingsAreThoseOfTheDerivation(t *testing.T) {
	t.Parallel()
	type layer struct{ dataset, side, leaf string }
	type sums struct{ ward6, ward6Quantity, all, allQuantity int64 }
	counted := map[layer]sums{}
	for _, l := range dc(t).Listings {
		key := layer{l.Source, string(l.Side), string(l.Leaf)}
		s := counted[key]
		s.all++
		s.allQuantity += l.Quantity.Amount
		if l.Ward == "6" {
			s.ward6++
			s.ward6Quantity += l.Quantity.Amount
		}
		counted[key] = s
	}
	var lines []string
	for key, s := range counted {
		lines = append(lines, fmt.Sprintf("%-28s %-8s %-22s %4d /%6d %6d /%6d", key.dataset, key.side, key.leaf,
			s.ward6, s.ward6Quantity, s.all, s.allQuantity))
	}
	slices.Sort(lines)
	golden(t, "dc_listings.golden", strings.Join(lines, "\n"))
}

func TestDCEveryRowEndsOnce(t *testing.T) {
	t.Parallel()
	data := dc(t)
	require.EqualValues(t, 50_685, data.Plan.Rows())
	require.Len(t, data.Plan.Files, 37)
	var lines []string
	var total int64
	for dataset, counts := range data.Counts {
		line := fmt.Sprintf("%-28s", dataset)
		for _, outcome := range []ingest.Outcome{ingest.Listed, ingest.PlaceFact, ingest.History, ingest.PriceEvidence, ingest.Rejected} {
			line += fmt.Sprintf(" %6d", counts[outcome])
			total += counts[outcome]
		}
		lines = append(lines, line)
	}
	require.EqualValues(t, 50_685, total)
	slices.Sort(lines)
	golden(t, "dc_rows.golden", strings.Join(lines, "\n"))
}

func TestDCRejectsSayWhy(t *testing.T) {
	t.Parallel()
	reasons := map[string]int{}
	for _, row := range dc(t).Rejects {
		require.NotZero(t, row.Line)
		require.NotEmpty(t, row.Field)
		reason := row.Reason
		if strings.HasPrefix(reason, "the same key as line ") {
			reason = "the same key"
		}
		reasons[row.File+": "+reason]++
	}
	require.Equal(t, map[string]int{
		"service_requests_311.csv: the same key":                                                       52,
		"service_requests_311.csv: a value is required":                                                1, // the row dated 2018, with nothing else
		"places/green-sites.geojson: the point lies outside of Washington, DC, 6.4 km from its centre": 1,
		"places/green-sites.geojson: the point lies outside of Washington, DC, 6.9 km from its centre": 1,
	}, reasons)
}

func TestDCFoodSupplyStaysBelowTheAnchor(t *testing.T) {
	t.Parallel()
	data := dc(t)
	rules := map[city.RuleID]city.Rule{}
	for _, rule := range data.City.Rules() {
		rules[rule.ID] = rule
	}
	var low, central, high float64
	for _, l := range data.Listings {
		if l.Side == city.ResourceSide && l.Leaf.Class() == city.Food {
			rule, amount := rules[l.Quantity.Rule], float64(l.Quantity.Amount)
			low, central, high = low+amount*rule.Low/rule.Central, central+amount, high+amount*rule.High/rule.Central
		}
	}
	// NRDC 2017: 68 million extra rescuable meals a year in New York, Denver and Nashville, 9.3 million of them in
	// Nashville; per head that is 43 to 86 t a week for DC.
	require.Less(t, central, 43_000.0)
	require.Equal(t, []float64{12.0, 32.5, 74.9}, []float64{tonnes(low), tonnes(central), tonnes(high)})
}

func tonnes(kg float64) float64 { return math.Round(kg/100) / 10 }

func TestDCReceiversHours(t *testing.T) {
	t.Parallel()
	oneDay := 0
	for _, l := range dc(t).Listings {
		if l.Source != "food_bank_partners" {
			continue
		}
		require.NotEmpty(t, l.Windows, l.ID)
		days := map[string]bool{}
		for _, window := range l.Windows {
			require.NoError(t, window.Validate())
			days[window.Start.Format("Mon")] = true
		}
		if len(days) == 1 {
			oneDay++
		}
	}
	require.Equal(t, 49, oneDay, "50 of all 74 partners, one of which another food site covers")
}

func TestDCBulkyItemsWaitForAnAnswer(t *testing.T) {
	t.Parallel()
	waiting := 0
	for _, l := range dc(t).Listings {
		if l.State != city.ListingUnconfirmed {
			continue
		}
		waiting++
		require.Equal(t, city.Leaf("goods.furniture"), l.Leaf)
		require.InDelta(t, 0.185, l.Resource.UsableChance, 0.0005)
		require.True(t, l.Resource.ConfirmByAsker)
		require.Equal(t, city.ParticipantID("dpw"), l.Holder)
	}
	require.Equal(t, 1552, waiting)
}

func TestDCIdentitiesAreUniqueAndValid(t *testing.T) {
	t.Parallel()
	data := dc(t)
	listings, participants := map[city.ListingID]bool{}, map[city.ParticipantID]bool{}
	for _, p := range data.Participants {
		require.NoError(t, city.ValidateID("participant", p.ID))
		require.False(t, participants[p.ID], p.ID)
		participants[p.ID] = true
	}
	for _, l := range data.Listings {
		require.NoError(t, city.ValidateID("listing", l.ID))
		require.False(t, listings[l.ID], l.ID)
		require.True(t, participants[l.Holder], l.Holder)
		listings[l.ID] = true
	}
}

// The layers that name who runs a place: chains of stores, agencies of programmes.
func TestDCNamesWhoRunsAPlace(t *testing.T) {
	t.Parallel()
	places, run := map[string]int{}, map[string]map[string]bool{}
	for _, p := range dc(t).Participants {
		if p.Operator == "" {
			continue
		}
		places[p.Source]++
		if run[p.Source] == nil {
			run[p.Source] = map[string]bool{}
		}
		run[p.Source][p.Operator] = true
	}
	require.Equal(t, map[string]int{"grocery-stores": 48, "human-service-locations": 14}, places)
	require.Len(t, run["grocery-stores"], 15)
	require.Len(t, run["human-service-locations"], 12)
}

func TestDCWards(t *testing.T) {
	t.Parallel()
	var all, poorest int64
	for _, ward := range dc(t).Areas.Wards {
		all += ward.Population
		if ward.ID == "7" || ward.ID == "8" {
			poorest += ward.Population
			require.Less(t, ward.MedianIncome, int64(30_000))
		}
	}
	require.EqualValues(t, 601_723, all)
	require.Equal(t, 24, int(100*poorest/all))
}

func TestDCBatchesComeOutTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	data := dc(t)
	reader, err := data.City.Reader(dcFolder(t), data.Plan)
	require.NoError(t, err)
	for i := len(data.Plan.Batches) - 1; i >= 0; i -= 7 {
		once, err := reader.ReadBatch(t.Context(), data.Plan.Batches[i])
		require.NoError(t, err)
		again, err := reader.ReadBatch(t.Context(), data.Plan.Batches[i])
		require.NoError(t, err)
		require.Equal(t, once, again)
	}
}

// BenchmarkDC plans and maps all 50,685 rows, without a database.
func BenchmarkDC(b *testing.B) {
	c, dir := openDC(b), dcFolder(b)
	var rows int64
	for b.Loop() {
		data, err := ingest.Load(b.Context(), c, dir)
		require.NoError(b, err)
		rows += data.Plan.Rows()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.Sys)/(1<<20), "MiB-sys")
}

// What is kept of facts is JSON, whatever the rows hold.
func TestDCPayloadsAreJSON(t *testing.T) {
	t.Parallel()
	data := dc(t)
	reader, err := data.City.Reader(dcFolder(t), data.Plan)
	require.NoError(t, err)
	for _, batch := range data.Plan.Batches {
		rows, err := reader.ReadBatch(t.Context(), batch)
		require.NoError(t, err)
		for i := range rows {
			if rows[i].Payload != nil {
				require.True(t, json.Valid(rows[i].Payload), "%s, line %d: %s", rows[i].File, rows[i].Line, rows[i].Payload)
			}
		}
	}
}
