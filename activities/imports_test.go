package activities_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/ingest/generate"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
)

// importer reads a generated city into a database of its own.
type importer struct {
	*activities.Imports
	store   *postgres.Store
	starter *starter
	ref     activities.ImportRef
}

func newImporter(t *testing.T) *importer {
	t.Helper()
	source := t.TempDir()
	_, err := generate.Write(t.Context(), source, generate.Options{Participants: 300, Seed: 1})
	require.NoError(t, err)
	w := &world{t: t, store: pgtest.Open(t), now: time.Now()}
	f := w.families()
	return &importer{
		Imports: &activities.Imports{Store: w.store, Objects: f.objects, Starter: f.starter, Now: time.Now},
		store:   w.store, starter: f.starter,
		ref: activities.ImportRef{City: "generated", Import: "i1", Profile: "generated", Source: source, TimeScale: 10},
	}
}

func (i *importer) load(t *testing.T, plan activities.ImportPlan) (total activities.ImportCounts) {
	t.Helper()
	for _, set := range plan.Datasets {
		counts, err := i.LoadDataset(t.Context(), activities.LoadDatasetInput{
			ImportRef: plan.ImportRef, Plan: plan.Blob, Dataset: set.Dataset, And: set.And,
		})
		require.NoError(t, err)
		total = total.Add(counts)
	}
	return total
}

func TestImportTwice(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	plan, err := i.PlanImport(t.Context(), i.ref)
	require.NoError(t, err)
	first := i.load(t, plan)
	require.Equal(t, plan.Rows, first.Read)
	require.Positive(t, first.Listing)
	require.Equal(t, first, i.load(t, plan), "a repeated attempt of the same import counts the same and changes nothing")
	require.Len(t, i.starter.onboarded, int(first.Flagged))
	for id, flag := range i.starter.onboarded {
		require.NotEmpty(t, flag, "why a person has to look at %s", id)
	}
	for range 2 {
		counts, err := i.FinishImport(t.Context(), activities.FinishImportInput{ImportRef: i.ref, State: activities.ImportCompleted})
		require.NoError(t, err)
		require.Equal(t, first.Listing, counts.Listing)
	}
	row, err := i.store.City(t.Context(), "generated")
	require.NoError(t, err)
	require.EqualValues(t, 10, row.Clock.Scale)

	i.ref.Import, i.ref.TimeScale = "i2", 99
	plan, err = i.PlanImport(t.Context(), i.ref)
	require.NoError(t, err)
	i.Imports = &activities.Imports{Store: i.store, Objects: i.Objects, Starter: i.starter, Now: time.Now} // another worker, which planned nothing
	second := i.load(t, plan)
	require.Zero(t, second.Listing)
	require.Equal(t, first.Listing, second.Unchanged)
	row, err = i.store.City(t.Context(), "generated")
	require.NoError(t, err)
	require.EqualValues(t, 10, row.Clock.Scale, "the clock of a city that exists goes on")
}

// Whoever was reviewed is not to be reviewed again because the same file comes again.
func TestADecisionOnAHolderStandsAtTheNextImport(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	plan, err := i.PlanImport(t.Context(), i.ref)
	require.NoError(t, err)
	first := i.load(t, plan)
	require.Greater(t, first.Flagged, int64(1))
	decided := slices.Sorted(maps.Keys(i.starter.onboarded))[0]
	for _, state := range []city.ParticipantState{city.ParticipantInReview, city.ParticipantRejected} {
		_, err := i.store.TransitionParticipant(t.Context(), "generated", decided, state, "test")
		require.NoError(t, err)
	}
	clear(i.starter.onboarded)

	i.ref.Import = "i2"
	plan, err = i.PlanImport(t.Context(), i.ref)
	require.NoError(t, err)
	again := i.load(t, plan)
	require.Equal(t, first.Flagged-1, again.Flagged, "who waits still counts")
	require.NotContains(t, i.starter.onboarded, decided)
	tried, err := activities.TryOut(t.Context(), i.profile(t), i.ref.Source, nil, i.store, func(activities.Told) {})
	require.NoError(t, err)
	require.Equal(t, again.Flagged, tried.Flagged, "a dry run says the same")
}

// What was decided on a holder was decided on what its row said then.
func TestAHolderWhoseDataChangedIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	plan, err := i.PlanImport(t.Context(), i.ref)
	require.NoError(t, err)
	first := i.load(t, plan)
	waiting := slices.Sorted(maps.Keys(i.starter.onboarded))
	require.Greater(t, len(waiting), 1)
	rejected, accepted := waiting[0], waiting[1]
	was := i.decided(t, rejected, city.ParticipantRejected, "where is it?")
	i.rename(t, was.Name, "Another name")
	was = i.decided(t, accepted, city.ParticipantActive, "")
	i.rename(t, was.Name, "A better name")

	again := i.again(t, "i2")
	require.Equal(t, first.Flagged, again.Flagged)
	for id, want := range map[city.ParticipantID]postgres.Participant{
		rejected: {StateReason: "since it was rejected its data changed (name): where is it?", Participant: city.Participant{Name: "Another name"}},
		accepted: {StateReason: "since it was accepted its data changed (name)", Participant: city.Participant{Name: "A better name"}},
	} {
		p, err := i.store.Participant(t.Context(), "generated", id)
		require.NoError(t, err)
		require.Equal(t, city.ParticipantInReview, p.State)
		require.Equal(t, want.Name, p.Name)
		require.Equal(t, want.StateReason, p.StateReason)
		require.Contains(t, i.starter.onboarded, id)
	}

	_, err = i.store.TransitionParticipant(t.Context(), "generated", accepted, city.ParticipantActive, "")
	require.NoError(t, err)
	i.rename(t, "A better name", "a Better  Name")
	again = i.again(t, "i3")
	require.Equal(t, first.Flagged-1, again.Flagged, "a name written in another way is the same name")
	p, err := i.store.Participant(t.Context(), "generated", accepted)
	require.NoError(t, err)
	require.Equal(t, city.ParticipantActive, p.State)
	require.Equal(t, "a Better  Name", p.Name)
}

// Of a holder with several rows the one that says something new counts, not one before it that is as it was.
func TestAHolderIsLookedAtAgainByTheRowThatChanged(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	plan, err := i.PlanImport(t.Context(), i.ref)
	require.NoError(t, err)
	i.load(t, plan)
	was, err := i.store.Participant(t.Context(), "generated", slices.Min(slices.Collect(maps.Keys(i.starter.onboarded))))
	require.NoError(t, err)
	path := filepath.Join(i.ref.Source, "listings.jsonl")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	second := ""
	for line := range strings.Lines(string(content)) {
		if strings.Contains(line, `"`+was.Name+`"`) {
			second = strings.Replace(line, `{"id":"`, `{"id":"second-`, 1)
		}
	}
	require.NoError(t, os.WriteFile(path, append(content, second...), 0o600))
	i.again(t, "i2")
	i.decided(t, was.ID, city.ParticipantActive, "")
	renamed := strings.Replace(second, was.Name, "Another name", 1)
	require.NoError(t, os.WriteFile(path, append(content, renamed...), 0o600))

	i.again(t, "i3")
	p, err := i.store.Participant(t.Context(), "generated", was.ID)
	require.NoError(t, err)
	require.Equal(t, "Another name", p.Name)
	require.Equal(t, city.ParticipantInReview, p.State)
	require.Equal(t, "since it was accepted its data changed (name)", p.StateReason)
}

// decided decides on a holder who waits.
func (i *importer) decided(t *testing.T, id city.ParticipantID, to city.ParticipantState, reason string) (p postgres.Participant) {
	t.Helper()
	for _, state := range []city.ParticipantState{city.ParticipantInReview, to} {
		var err error
		p, err = i.store.TransitionParticipant(t.Context(), "generated", id, state, reason)
		require.NoError(t, err)
	}
	return p
}

// rename changes a holder's name in the file.
func (i *importer) rename(t *testing.T, from, to string) {
	t.Helper()
	path := filepath.Join(i.ref.Source, "listings.jsonl")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	changed := strings.ReplaceAll(string(content), `"`+from+`"`, `"`+to+`"`)
	require.NotEqual(t, string(content), changed)
	require.NoError(t, os.WriteFile(path, []byte(changed), 0o600))
}

// again imports the file once more, after a dry run that counts the same holders.
func (i *importer) again(t *testing.T, id string) activities.ImportCounts {
	t.Helper()
	tried, err := activities.TryOut(t.Context(), i.profile(t), i.ref.Source, nil, i.store, func(activities.Told) {})
	require.NoError(t, err)
	clear(i.starter.onboarded)
	i.ref.Import = id
	plan, err := i.PlanImport(t.Context(), i.ref)
	require.NoError(t, err)
	counts := i.load(t, plan)
	require.Equal(t, counts.Flagged, tried.Flagged, "a dry run says the same")
	return counts
}

// profile is the profile as a dry run opens it.
func (i *importer) profile(t *testing.T) *ingest.City {
	t.Helper()
	folder, err := cities.Open(i.ref.Profile)
	require.NoError(t, err)
	profile, err := ingest.OpenAs(folder, city.DefaultTaxonomy(), i.ref.City)
	require.NoError(t, err)
	return profile
}

// A worker that takes a data set over goes on where the last one had reported.
func TestImportResumesFromItsHeartbeat(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	plan, err := i.PlanImport(t.Context(), i.ref)
	require.NoError(t, err)
	set := plan.Datasets[0]
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(i.Imports)
	env.SetHeartbeatDetails(map[string]any{"next": set.Batches, "counts": activities.ImportCounts{Read: 7, Listing: 7}})
	value, err := env.ExecuteActivity(i.LoadDataset, activities.LoadDatasetInput{ImportRef: i.ref, Plan: plan.Blob, Dataset: set.Dataset})
	require.NoError(t, err)
	var counts activities.ImportCounts
	require.NoError(t, value.Get(&counts))
	require.Equal(t, activities.ImportCounts{Read: 7, Listing: 7}, counts, "nothing is left to load")
}

func TestImportRefusesBeforeAnythingIsLoaded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(t *testing.T, ref *activities.ImportRef)
		want   string
	}{
		"unknown profile":   {func(_ *testing.T, ref *activities.ImportRef) { ref.Profile = "atlantis" }, "atlantis"},
		"no such folder":    {func(_ *testing.T, ref *activities.ImportRef) { ref.Source = "/nowhere" }, "nowhere"},
		"unknown data set":  {func(_ *testing.T, ref *activities.ImportRef) { ref.Datasets = []string{"moon"} }, "moon"},
		"a file was cut in": {cut, "listings.jsonl"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newImporter(t)
			test.change(t, &i.ref)
			_, err := i.PlanImport(t.Context(), i.ref)
			require.ErrorContains(t, err, test.want)
			var failure *temporal.ApplicationError
			require.ErrorAs(t, err, &failure)
			require.Equal(t, activities.TypeInvalid, failure.Type())
			_, err = i.store.City(t.Context(), "generated")
			require.ErrorIs(t, err, postgres.ErrNotFound, "nothing was installed")
		})
	}
}

// cut makes the data file unreadable as a whole.
func cut(t *testing.T, ref *activities.ImportRef) {
	t.Helper()
	name := filepath.Join(ref.Source, "listings.jsonl")
	require.NoError(t, os.WriteFile(name, []byte{0xff, 0xfe, 0x00}, 0o600))
}
