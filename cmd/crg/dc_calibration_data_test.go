//go:build realdata

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/reporting"
	"github.com/city-resource-graph/crg/valuation"
)

// The one real base rate in the data: crews found nothing at 594 of 2,570 bulky pick-ups with a note. The method's stated
// 90 % is of what somebody confirmed. Of what nobody did it foretells worse than the chances learned from the outcomes
// known before each pick-up, and those are about as good as one can do.
func TestDCCalibrationOnRealOutcomes(t *testing.T) {
	t.Parallel()
	past := dcPastAttempts(t)
	require.Len(t, past, 2570-5, "five of the 2,570 were never resolved")
	scored, err := reporting.Attempts(valuation.Default(), past)
	require.NoError(t, err)
	require.InDelta(t, 0.769, scored.Stated.Rate, 0.001)
	require.InDelta(t, 0.195, scored.Stated.Brier, 0.001)
	require.InDelta(t, 0.179, scored.Learned.Brier, 0.001, "one rate for all, known in hindsight, has 0.178")
	for _, bin := range scored.Learned.Bins {
		if bin.Outcomes > len(past)/2 {
			require.InDelta(t, bin.Rate, bin.MeanStated, 0.01, "most of what was learned is neither too high nor too low")
			return
		}
	}
	t.Fatal("the learned chances scatter: no tenth holds most of them")
}

// dcPastAttempts reads what crews found, in the order in which it became known.
func dcPastAttempts(t *testing.T) []postgres.PastAttempt {
	t.Helper()
	files, err := cities.Open("dc")
	require.NoError(t, err)
	c, err := ingest.Open(files, city.DefaultTaxonomy())
	require.NoError(t, err)
	folder := filepath.Join(os.Getenv("CRG_DATA"), "dc")
	plan, err := c.Plan(t.Context(), folder, ingest.PlanOptions{Datasets: []string{"service_requests_311"}})
	require.NoError(t, err)
	reader, err := c.Reader(folder, plan)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, reader.Close()) })
	type dated struct {
		at   time.Time
		past postgres.PastAttempt
	}
	var found []dated
	for _, batch := range plan.Batches {
		rows, err := reader.ReadBatch(t.Context(), batch)
		require.NoError(t, err)
		for _, row := range rows {
			var payload struct {
				Attempt *struct {
					What      string
					Leaf      city.Leaf
					At        time.Time
					Succeeded bool
				}
			}
			if row.Outcome != ingest.History {
				continue
			}
			require.NoError(t, json.Unmarshal(row.Payload, &payload))
			if a := payload.Attempt; a != nil {
				found = append(found, dated{a.At, postgres.PastAttempt{What: a.What, Leaf: a.Leaf, Ward: row.Ward, Succeeded: a.Succeeded}})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b dated) int { return a.at.Compare(b.at) })
	past := make([]postgres.PastAttempt, len(found))
	for i, f := range found {
		past[i] = f.past
	}
	return past
}
