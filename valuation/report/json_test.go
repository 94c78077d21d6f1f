package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
	"github.com/city-resource-graph/crg/valuation/report"
)

// manyMatches are enough to be written in several turns of all cores, of all categories, with figures stated and not.
func manyMatches(n int) []valuation.Match {
	leaves := city.DefaultTaxonomy().Leaves()
	matches := make([]valuation.Match, n)
	for i := range matches {
		matches[i] = valuation.Match{
			ID: fmt.Sprintf("m<%d>", i), Category: leaves[i%len(leaves)].Leaf, Quantity: float64(1 + i%90), Ward: fmt.Sprint(i % 8),
			Giver: city.ParticipantID(fmt.Sprint("g", i%7)), PricePaid: float64(i % 3),
			Overrides: map[valuation.Name]float64{valuation.DistanceKm: float64(i%50) / 7},
		}
		if i%5 == 0 {
			matches[i].Overrides[valuation.TipFee] = 3.25
			matches[i].Overrides[valuation.Years] = float64(1 + i%4)
		}
	}
	return matches
}

func TestJSONIsTheWholeDocumentEncoded(t *testing.T) {
	t.Parallel()
	params := valuation.Default()
	for _, n := range []int{0, 1, 500, 501, 4321} {
		matches := manyMatches(n)
		summary, err := valuation.Portfolio(params, matches, valuation.Simulation{Draws: 100, Seed: 3})
		require.NoError(t, err)
		whole, err := report.NewDocument(params, summary)
		require.NoError(t, err)
		whole.InputHash = valuation.InputHash(matches)
		var want, got bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		require.NoError(t, encoder.Encode(whole))

		require.NoError(t, report.JSON(&got, params, summary, whole.InputHash))
		require.True(t, bytes.Equal(want.Bytes(), got.Bytes()), "%d matches", n)
	}
}

// fullDisk takes some bytes and no more.
type fullDisk struct{ left int }

func (d *fullDisk) Write(content []byte) (int, error) {
	if d.left -= len(content); d.left < 0 {
		return 0, errors.New("disk full")
	}
	return len(content), nil
}

func TestJSONSaysWhereItCannotWrite(t *testing.T) {
	t.Parallel()
	params := valuation.Default()
	summary, err := valuation.Portfolio(params, manyMatches(3), valuation.Simulation{Draws: 100, Seed: 3})
	require.NoError(t, err)
	for _, left := range []int{0, 1000, 15_000} {
		require.ErrorContains(t, report.JSON(&fullDisk{left}, params, summary, ""), "write the result: disk full")
	}
	summary.ParameterHash = "other"
	require.ErrorContains(t, report.JSON(&fullDisk{}, params, summary, ""), "want the parameters that the summary was made with")
}

// What is written is the same whether the rows of all matches are held or not; an outline holds those that a terminal shows.
func TestAnOutlineReadsAsTheWholeDocument(t *testing.T) {
	t.Parallel()
	params := valuation.Default()
	for _, n := range []int{0, 1, 5, 6, 40, 41, 501} {
		summary, err := valuation.Portfolio(params, manyMatches(n), valuation.Simulation{Draws: 100, Seed: 3})
		require.NoError(t, err)
		whole, err := report.NewDocument(params, summary)
		require.NoError(t, err)
		require.Len(t, whole.Matches, n)
		outline, err := report.NewOutline(params, summary)
		require.NoError(t, err)
		require.Len(t, outline.Matches, min(n, 40))
		var pages, texts, tables [2]bytes.Buffer
		require.NoError(t, report.CSV(&tables[0], whole))
		require.NoError(t, report.StreamCSV(&tables[1], params, summary))
		require.Equal(t, tables[0].String(), tables[1].String())
		for i, d := range []*report.Document{whole, outline} {
			require.NoError(t, report.HTML(&pages[i], d, report.Extras{}))
			require.NoError(t, report.Text(&texts[i], d))
		}
		require.Equal(t, pages[0].String(), pages[1].String())
		require.Equal(t, texts[0].String(), texts[1].String())
	}
}

func TestCSVSaysWhereItCannotWrite(t *testing.T) {
	t.Parallel()
	params := valuation.Default()
	summary, err := valuation.Portfolio(params, manyMatches(300), valuation.Simulation{Draws: 100, Seed: 3})
	require.NoError(t, err)
	require.ErrorContains(t, report.StreamCSV(&fullDisk{20_000}, params, summary), "of the CSV: disk full", "long before the last line")
	summary.ParameterHash = "other"
	require.ErrorContains(t, report.StreamCSV(&fullDisk{}, params, summary), "want the parameters that the summary was made with")
}
