package ingest_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/ingest/generate"
)

// folderOf is the folder of the generated town with pieces of its profile replaced.
func folderOf(t *testing.T, replace map[string]string) fstest.MapFS {
	t.Helper()
	shipped, err := cities.Open("generated")
	require.NoError(t, err)
	folder := fstest.MapFS{}
	for _, name := range []string{"city.yaml", "policy.yaml", "scoring.yaml", "profile.yaml"} {
		content, err := fs.ReadFile(shipped, name)
		require.NoError(t, err)
		folder[name] = &fstest.MapFile{Data: content}
	}
	for old, changed := range replace {
		old, changed = strings.Trim(old, "/"), strings.Trim(changed, "/")
		found := false
		for name, file := range folder {
			text := string(file.Data)
			found = found || strings.Contains(text, old)
			folder[name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(text, old, changed))}
		}
		require.True(t, found, "nothing to replace: %s", old)
	}
	return folder
}

func openFolder(t *testing.T, replace map[string]string) *ingest.City {
	t.Helper()
	c, err := ingest.Open(folderOf(t, replace), city.DefaultTaxonomy())
	require.NoError(t, err)
	return c
}

// generated is a whole generated town in a folder.
func generated(t *testing.T, participants int) string {
	t.Helper()
	dir := t.TempDir()
	_, err := generate.Write(t.Context(), dir, generate.Options{Participants: participants, Seed: 3})
	require.NoError(t, err)
	return dir
}

func TestAPlanTravelsAsJSON(t *testing.T) {
	t.Parallel()
	c, dir := openTown(t), generated(t, 10_000)
	plan, err := c.Plan(t.Context(), dir, ingest.PlanOptions{})
	require.NoError(t, err)
	require.Greater(t, len(plan.Batches), 2)

	text, err := json.Marshal(plan)
	require.NoError(t, err)
	var travelled ingest.Plan
	require.NoError(t, json.Unmarshal(text, &travelled))
	require.Equal(t, read(t, c, dir, plan), read(t, c, dir, &travelled))
}

// read maps all batches of a plan, the last first.
func read(t *testing.T, c *ingest.City, dir string, plan *ingest.Plan) []ingest.Row {
	t.Helper()
	reader, err := c.Reader(dir, plan)
	require.NoError(t, err)
	var rows []ingest.Row
	for i := len(plan.Batches) - 1; i >= 0; i-- {
		batch, err := reader.ReadBatch(t.Context(), plan.Batches[i])
		require.NoError(t, err)
		require.Len(t, batch, plan.Batches[i].Rows)
		rows = append(rows, batch...)
	}
	require.Len(t, rows, int(plan.Rows()))
	return rows
}

func TestAFileThatChangedIsNotReadByAnOldPlan(t *testing.T) {
	t.Parallel()
	c, dir := openTown(t), generated(t, 100)
	plan, err := c.Plan(t.Context(), dir, ingest.PlanOptions{})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "listings.jsonl"), []byte(goodRow(t, "a", nil)), 0o600))
	reader, err := c.Reader(dir, plan)
	require.NoError(t, err)
	_, err = reader.ReadBatch(t.Context(), plan.Batches[0])
	require.ErrorIs(t, err, ingest.ErrChanged)
}

func TestDigestsTellWhatChanged(t *testing.T) {
	t.Parallel()
	dir := townFolder(t, goodRow(t, "a", nil)+goodRow(t, "b", nil))
	digests := func(c *ingest.City, dir string) []string {
		plan, err := c.Plan(t.Context(), dir, ingest.PlanOptions{})
		require.NoError(t, err)
		var all []string
		for _, row := range read(t, c, dir, plan) {
			all = append(all, row.Digest)
		}
		return all
	}
	first := digests(openTown(t), dir)
	require.Equal(t, first, digests(openTown(t), dir))

	changed := digests(openTown(t), townFolder(t, goodRow(t, "a", nil)+goodRow(t, "b", map[string]any{"quantity": 41})))
	require.Equal(t, first[0], changed[0])
	require.NotEqual(t, first[1], changed[1])

	rule := digests(openFolder(t, map[string]string{"origin: generated": "origin: observed"}), dir)
	require.NotEqual(t, first[0], rule[0], "another rule in the profile")
}

func TestShiftKeepsTheLocalHour(t *testing.T) {
	t.Parallel()
	c := openTown(t)
	data, err := ingest.Load(t.Context(), c, townFolder(t, goodRow(t, "a", map[string]any{"hours": "Tuesday: 10:00-14:00"})))
	require.NoError(t, err)
	require.Len(t, data.Listings, 1)
	winter := time.Date(2025, 12, 18, 12, 0, 0, 0, time.UTC)
	clock, err := city.NewClock(c.AsOf, winter, 1)
	require.NoError(t, err)

	row := ingest.Row{Listings: data.Listings}
	row.Shift(clock)
	window := row.Listings[0].Windows[0]
	require.Equal(t, "Tue 2025-12-16 10:00 CST", window.Start.Format("Mon 2006-01-02 15:04 MST"))
	require.Equal(t, 4*time.Hour, window.End.Sub(window.Start))
	require.Equal(t, "Thu 2025-12-18 14:00 CST", row.Listings[0].Resource.PerishBy.Format("Mon 2006-01-02 15:04 MST"))
}

func TestListingsCarryTheirTerms(t *testing.T) {
	t.Parallel()
	data, err := ingest.Load(t.Context(), openTown(t), townFolder(t,
		goodRow(t, "r", map[string]any{"ask_first": true, "refrigerated": true, "minimum_lot": 5, "cost_per_unit": 0.25, "location": "area"})+
			goodRow(t, "n", map[string]any{
				"side": "need", "holder": "p2", "needs_refrigerated": true, "max_distance_km": 2.5, "urgency": 1, "radius_km": nil, "perish_hours": nil,
			})))
	require.NoError(t, err)
	require.Empty(t, data.Rejects)
	require.Len(t, data.Listings, 2)

	offer, want := data.Listings[0], data.Listings[1]
	require.Equal(t, city.ListingID("exchange.r.food.produce"), offer.ID)
	require.Equal(t, city.ParticipantID("exchange.p1"), offer.Holder)
	require.Equal(t, city.ListingUnconfirmed, offer.State)
	require.Equal(t, map[string]any{"refrigerated": true}, offer.Attributes)
	require.Equal(t, city.Quantity{Amount: 40, Unit: city.Kilogram, Quality: city.Declared}, offer.Quantity)
	require.Equal(t, 4000, offer.Resource.RadiusMetres)
	require.Equal(t, int64(5), offer.Resource.MinimumLot)
	require.Equal(t, int64(25), offer.Resource.CostPerUnit)
	require.True(t, offer.Resource.Divisible)

	require.Equal(t, city.ListingOpen, want.State)
	require.Equal(t, city.Critical, want.Need.Urgency)
	require.Equal(t, 2500, want.Need.MaxDistanceMetres)
	require.Equal(t, []city.Constraint{{Attribute: "refrigerated", Operator: "=", Value: true}}, want.Need.Constraints)

	require.Equal(t, city.ParticipantApplied, data.Participants[0].State)
	require.Equal(t, "the place is not known to the street", data.Reviews["exchange.p1"])
	require.Equal(t, city.ParticipantActive, data.Participants[1].State)
}

func TestPlanningStopsWhenAsked(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := openTown(t).Plan(ctx, generated(t, 10_000), ingest.PlanOptions{Progress: func(string, int64) { cancel() }})
	require.ErrorIs(t, err, context.Canceled)
}

// In a file with more keys than are held at once, repeated ones are found by a second pass.
func TestRepeatedKeysOfASmallAndOfALargeFile(t *testing.T) {
	t.Parallel()
	row := goodRow(t, "KEY", nil)
	for name, rows := range map[string]int{"small": 10, "large": 100_001} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var text strings.Builder
			for n := range rows {
				text.WriteString(strings.Replace(row, "KEY", strconv.Itoa(n), 1))
			}
			for _, again := range []string{"7", "3", "7"} {
				text.WriteString(strings.Replace(row, "KEY", again, 1))
			}
			plan, err := openTown(t).Plan(t.Context(), townFolder(t, text.String()), ingest.PlanOptions{})
			require.NoError(t, err)
			require.EqualValues(t, rows+3, plan.Rows())
			require.Len(t, plan.State.Repeats, 1)
			for _, repeats := range plan.State.Repeats {
				require.Equal(t, map[string]int64{"3": 4, "7": 8}, repeats)
			}
		})
	}
}
