//go:build realdata

package ingest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
)

func loadReal(t *testing.T, profile, folder string) *ingest.Data {
	t.Helper()
	root := os.Getenv("CRG_DATA")
	require.NotEmpty(t, root, "CRG_DATA is not set: run make test-data DATA=folder")
	shipped, err := cities.Open(profile)
	require.NoError(t, err)
	c, err := ingest.Open(shipped, city.DefaultTaxonomy())
	require.NoError(t, err)
	data, err := ingest.Load(t.Context(), c, filepath.Join(root, folder))
	require.NoError(t, err)
	return data
}

// leaves sums listings and quantities by category.
func leaves(data *ingest.Data, source string) map[city.Leaf]string {
	counts, amounts := map[city.Leaf]int{}, map[city.Leaf]int64{}
	for i := range data.Listings {
		if l := &data.Listings[i]; l.Source == source {
			counts[l.Leaf]++
			amounts[l.Leaf] += l.Quantity.Amount
		}
	}
	text := map[city.Leaf]string{}
	for leaf, count := range counts {
		text[leaf] = fmt.Sprintf("%d needs, %d", count, amounts[leaf])
	}
	return text
}

// Of the week of 11 August 2025: 307 dates of 149 events of 128 agencies; 3 of them are supportive services. The other rows
// are the dates before and after, and 3 events without a date, which are rows too.
func TestAkronListsTheDatesOfItsWeek(t *testing.T) {
	t.Parallel()
	data := loadReal(t, "akron", "akron-pantries")
	require.EqualValues(t, 1199+3, data.Plan.Rows())
	require.Equal(t, map[ingest.Outcome]int64{ingest.Listed: 304, ingest.History: 892, ingest.PlaceFact: 6}, data.Counts["distributions"])
	require.Empty(t, data.Rejects)
	// 125 + 123 dates of pantries with 11,988 + 11,930 households at 4.5 kg, each rounded to whole kilograms; 56 meals of
	// 5,600 guests at 0.544 kg, which is 54.4 and so 54 for each hundred: 110.7 t, where 111 was expected.
	require.Equal(t, map[city.Leaf]string{
		"food.grocery-mixed": "248 needs, 107635", "food.prepared-hot": "56 needs, 3024",
	}, leaves(data, "distributions"))
	events := map[string]bool{}
	for i := range data.Listings {
		l := &data.Listings[i]
		require.Equal(t, city.NeedSide, l.Side)
		require.Equal(t, city.Inferred, l.Quantity.Quality)
		require.Equal(t, city.Modelled, l.Origin)
		require.Len(t, l.Windows, 1)
		events[strings.Join(strings.Split(l.SourceKey, ".")[:2], ".")] = true
	}
	// One agency and one event less than in the whole week would do: the supportive services' holders have other dates too.
	require.Len(t, data.Participants, 128)
	require.LessOrEqual(t, len(events), 149)
	require.GreaterOrEqual(t, len(events), 147)
}

// Wants in free text. Expected were 72 of 81 records with 336 pairs of record and leaf, and 27 of 48 accepting shelters with
// 85 pairs, over 15 leaves, by a script whose words are not kept. The words of cities/harvey find 15 leaves too, and:
//   - 71 centres, and one more that has no coordinates and no neighbour with its address, so that it is rejected: 72;
//   - fewer pairs of centres, because words are read as wholes and by clause, and more of shelters, because one record asks
//     for "baby things" and others for sheets of things under two names, each of which is a leaf of its own here.
func TestHarveyReadsWantsByClause(t *testing.T) {
	t.Parallel()
	data := loadReal(t, "harvey", "harvey-2017")
	require.EqualValues(t, 92+285, data.Plan.Rows())
	require.Equal(t, map[ingest.Outcome]int64{ingest.Listed: 71, ingest.PlaceFact: 19, ingest.Rejected: 2}, data.Counts["centres"])
	require.Equal(t, map[ingest.Outcome]int64{ingest.Listed: 28, ingest.PlaceFact: 207, ingest.Rejected: 50}, data.Counts["shelters"])
	kinds := map[city.Leaf]bool{}
	pairs := map[string]int{}
	asked := map[string]string{}
	for i := range data.Listings {
		l := &data.Listings[i]
		kinds[l.Leaf] = true
		pairs[l.Source]++
		asked[l.SourceKey] += string(l.Leaf) + " "
		require.EqualValues(t, 1, l.Quantity.Amount)
		require.Equal(t, city.Inferred, l.Quantity.Quality)
	}
	require.Len(t, kinds, 15)
	require.Equal(t, map[string]int{"centres": 321, "shelters": 101}, pairs)

	for name, want := range map[string]string{
		// do NOT need any more food or clothing; ... providing all the food
		"League-CIty-Hometown-Heroes-Park": "goods.cleaning ",
		// anything but clothes, have enough clothes
		"Dickinson-High-School.3800-Baker-Dr-Dickinson-TX-77539": "food.water food.shelf-stable goods.diapers goods.hygiene goods.cleaning goods.medical ",
		// Needing blankets, has food available; no additional supplied needed
		"Wilkerson-Greines-Athletic-Center": "goods.bedding ",
		// no clothing needed, cleaning items especially, tolietries
		"Family-Residence": "goods.hygiene goods.cleaning ",
	} {
		found := ""
		for key, leaves := range asked {
			if strings.HasPrefix(key, name) {
				found = leaves
			}
		}
		require.Equal(t, want, found, name)
	}

	closed, others := 0, []string{}
	for _, row := range data.Rejects {
		if strings.HasPrefix(row.Reason, "accepting is false although needs are listed") {
			closed++
			continue
		}
		others = append(others, fmt.Sprintf("%s, line %d: %s: %s", row.File, row.Line, row.Field, row.Reason))
	}
	require.Equal(t, 50, closed)
	require.Equal(t, []string{
		"needs.jsonl, line 8: location_name: a value is required",
		"needs.jsonl, line 28: longitude, latitude: no coordinates: a listing needs a place",
	}, others)
}
