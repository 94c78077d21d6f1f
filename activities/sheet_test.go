package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/postgres"
)

// What a spreadsheet is said to become is what becomes of it, before and after it was imported.
func TestASheetBecomesWhatWasSaid(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	i.whole(t, "city")
	try := func(content string) (activities.ImportCounts, map[string]ingest.Outcome, map[string]string) {
		outcomes, says := map[string]ingest.Outcome{}, map[string]string{}
		counts, err := activities.TrySheet(t.Context(), i.store, "generated", time.Now(), "listings.csv", []byte(content), func(told activities.Told) {
			outcomes[told.Key], says[told.Key] = told.Outcome, told.Says()
		})
		require.NoError(t, err)
		return counts, outcomes, says
	}
	counts, outcomes, says := try(listings)
	require.Equal(t, activities.ImportCounts{Read: 3, Listing: 2, Rejected: 1}, counts)
	require.Equal(t, map[string]ingest.Outcome{"a": ingest.Listed, "b": ingest.Listed, "c": ingest.Rejected}, outcomes)
	require.Contains(t, says["a"], "resource: 40 kg of food.produce")
	require.Contains(t, says["c"], `quantity "lots": want a whole number`)
	_, err := i.store.Listing(t.Context(), "generated", "listings.a.food.produce")
	require.ErrorIs(t, err, postgres.ErrNotFound, "nothing was stored")

	ref, err := i.Objects.Put(t.Context(), "generated/imports/s1/listings.csv", []byte(listings))
	require.NoError(t, err)
	i.ref.Profile, i.ref.Source, i.ref.Upload = "sheet", "listings.csv", &ref
	require.Equal(t, counts, i.whole(t, "s1"))

	changed := listings + "d,need,food.dairy,Milk,5,Pantry,organisation,-94.51,41.5,2030-06-03 15:00,2030-06-03 17:00\n"
	counts, outcomes, _ = try(changed)
	require.Equal(t, activities.ImportCounts{Read: 4, Listing: 1, Unchanged: 2, Rejected: 1}, counts)
	require.Equal(t, map[string]ingest.Outcome{
		"a": activities.Unchanged, "b": activities.Unchanged, "c": ingest.Rejected, "d": ingest.Listed,
	}, outcomes)
	ref, err = i.Objects.Put(t.Context(), "generated/imports/s2/listings.csv", []byte(changed))
	require.NoError(t, err)
	i.ref.Upload = &ref
	require.Equal(t, counts, i.whole(t, "s2"))
}

func TestASheetThatIsNone(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	try := func(name, content string) error {
		_, err := activities.TrySheet(t.Context(), i.store, "generated", time.Now(), name, []byte(content), func(activities.Told) {})
		return err
	}
	require.ErrorIs(t, try("listings.csv", listings), postgres.ErrNotFound, "there is no such city yet")
	i.whole(t, "city")
	err := try("listings.xlsx", listings)
	require.ErrorIs(t, err, activities.ErrSheet)
	require.ErrorContains(t, err, "listings.xlsx: not a workbook (.xlsx): save it as one")
	require.NotContains(t, err.Error(), "crg-fetched", "no path of this disk")
	require.ErrorContains(t, try("listings.csv", "name\nx\n"), `listings.csv, line 1: no column "category"`)
}
