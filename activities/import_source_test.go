package activities_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/exports"
	"github.com/city-resource-graph/crg/graph/graphtest"
	"github.com/city-resource-graph/crg/ingest/hsds"
	"github.com/city-resource-graph/crg/outbound"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
	"github.com/city-resource-graph/crg/projection"
)

// portal serves one CSV file and knows its version.
type portal struct {
	*httptest.Server

	content atomic.Value
	asked   atomic.Int64
}

func newPortal(t *testing.T, content string) *portal {
	t.Helper()
	p := &portal{}
	p.content.Store(content)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		now, _ := p.content.Load().(string)
		tag := `"` + string(rune('a'+len(now)%26)) + `"`
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write([]byte(now))
	}))
	t.Cleanup(p.Close)
	return p
}

func (i *importer) fetchFrom(t *testing.T) {
	t.Helper()
	client, err := outbound.New(outbound.Policy{
		Hosts: []string{"127.0.0.1"}, Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, PlainHTTP: true, MaxBytes: 1 << 16,
	})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	i.Outbound = client
}

// whole runs an import as its workflow does.
func (i *importer) whole(t *testing.T, id string) activities.ImportCounts {
	t.Helper()
	i.ref.Import = id
	plan, err := i.PlanImport(t.Context(), i.ref)
	require.NoError(t, err)
	counts := i.load(t, plan)
	_, err = i.FinishImport(t.Context(), activities.FinishImportInput{ImportRef: i.ref, State: activities.ImportCompleted})
	require.NoError(t, err)
	return counts
}

const listings = "id,side,category,title,quantity,holder,kind,lon,lat,from,until\n" +
	"a,resource,food.produce,Carrots,40,Growers,organisation,-94.5,41.5,2030-06-03 14:00,2030-06-03 18:00\n" +
	"b,need,food.produce,Vegetables,12,Pantry,organisation,-94.51,41.5,2030-06-03 15:00,2030-06-03 17:00\n" +
	"c,need,food.produce,Vegetables,lots,Pantry,organisation,-94.51,41.5,2030-06-03 15:00,2030-06-03 17:00\n"

// A URL is asked for something newer than what was last completed; nothing newer is nothing to load.
func TestImportFromAURL(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	i.fetchFrom(t)
	i.whole(t, "city") // the city exists; a spreadsheet is read into it
	before, err := i.store.City(t.Context(), "generated")
	require.NoError(t, err)
	site := newPortal(t, listings)
	i.ref.Profile, i.ref.Source = "sheet", site.URL+"/export.csv?token=secret"

	require.Equal(t, activities.ImportCounts{Read: 3, Listing: 2, Rejected: 1}, i.whole(t, "u1"))
	require.Equal(t, activities.ImportCounts{}, i.whole(t, "u2"), "304 Not Modified")
	require.EqualValues(t, 2, site.asked.Load())
	site.content.Store(listings + "d,need,food.dairy,Milk,5,Pantry,organisation,-94.51,41.5,2030-06-03 15:00,2030-06-03 17:00\n")
	require.Equal(t, activities.ImportCounts{Read: 4, Listing: 1, Unchanged: 2, Rejected: 1}, i.whole(t, "u3"))

	after, err := i.store.City(t.Context(), "generated")
	require.NoError(t, err)
	require.Equal(t, before, after, "a guest leaves the city as it is")
	listing, err := i.store.Listing(t.Context(), "generated", "listings.a.food.produce")
	require.NoError(t, err)
	require.NotEmpty(t, listing.Ward)
	zone, err := time.LoadLocation(after.TimeZone)
	require.NoError(t, err)
	require.Equal(t, "2030-06-03 14:00", listing.Windows[0].Start.In(zone).Format("2006-01-02 15:04"), "a guest's dates are the city's own")
	var shown string
	require.NoError(t, i.store.Pool().QueryRow(t.Context(), "SELECT address FROM import_source WHERE import = 'u1'").Scan(&shown))
	require.NotContains(t, shown, "secret")
}

func TestURLsThatAreRefused(t *testing.T) {
	t.Parallel()
	site := newPortal(t, strings.Repeat("x", 1<<17))
	tests := map[string]struct {
		profile, source, want string
		final                 bool
	}{
		"another host":       {"sheet", "https://169.254.169.254/latest", "not on the list of allowed hosts", true},
		"too large":          {"sheet", site.URL + "/a.csv", "too large", true},
		"nobody there":       {"sheet", "http://127.0.0.1:1/a.csv", "connection refused", false},
		"wards in a folder":  {"generated", site.URL + "/a.csv", "its wards stand in a file of the data folder", true},
		"tables without CSV": {"hsds", newPortal(t, "{}").URL + "/datapackage.json", "want HSDS JSON, or a folder", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newImporter(t)
			i.fetchFrom(t)
			if test.profile == "generated" {
				site = newPortal(t, "{}")
				test.source = site.URL + "/a.csv"
			}
			i.ref.Profile, i.ref.Source = test.profile, test.source
			_, err := i.PlanImport(t.Context(), i.ref)
			require.ErrorContains(t, err, test.want)
			var failure *temporal.ApplicationError
			if errors.As(err, &failure) {
				require.Equal(t, test.final, failure.NonRetryable(), err)
			} else {
				require.False(t, test.final)
			}
		})
	}
	i := newImporter(t)
	i.ref.Profile, i.ref.Source = "sheet", "https://data.example.org/a.csv"
	_, err := i.PlanImport(t.Context(), i.ref)
	require.ErrorContains(t, err, "start the workers with CRG_IMPORT_HOSTS")
}

// A city's export as HSDS, imported into another database, lists the same, and a second time changes nothing.
func TestAnExportOfOneCityIsReadByAnother(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	i.whole(t, "i1")
	for _, form := range []exports.Form{exports.HSDSJSON, exports.HSDSTables} {
		t.Run(string(form), func(t *testing.T) {
			t.Parallel()
			other := newImporter(t)
			other.store = pgtest.Open(t)
			other.Store = other.store
			other.ref = activities.ImportRef{City: "other", Profile: "hsds", Source: t.TempDir()}
			var out bytes.Buffer
			require.NoError(t, exports.Write(t.Context(), i.store, exports.Request{City: "generated", Form: form}, &out))
			if form == exports.HSDSJSON {
				require.NoError(t, os.WriteFile(filepath.Join(other.ref.Source, "package.json"), out.Bytes(), 0o600))
			} else {
				unzip(t, out.Bytes(), other.ref.Source)
			}
			first := other.whole(t, "i1")
			require.Zero(t, first.Rejected, first)
			require.Equal(t, exported(t, i.store), first.Listing, "%+v %d bytes", first, out.Len())
			second := other.whole(t, "i2")
			require.Equal(t, first.Listing+first.PlaceFact, second.Unchanged)
			require.Zero(t, second.Listing+second.Rejected)
		})
	}
}

// exported counts the listings of active participants.
func exported(t *testing.T, store *postgres.Store) (count int64) {
	t.Helper()
	require.NoError(t, store.Pool().QueryRow(t.Context(), `SELECT count(*) FROM listing l JOIN participant p ON p.city = l.city AND p.id = l.holder
		WHERE p.state = $1`, string(city.ParticipantActive)).Scan(&count))
	require.Positive(t, count)
	return count
}

func unzip(t *testing.T, content []byte, folder string) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(folder, archive))
}

// Who runs a holder goes all the way: from a directory's parent organization by the import into the row, by the projection
// into the graph, and from there before whoever reviews a similar applicant of the same parent.
func TestAnImportedOperatorComesBeforeTheReviewer(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	i.ref = activities.ImportRef{City: town, Import: "i1", Profile: "hsds", Source: t.TempDir()}
	writeChain(t, filepath.Join(i.ref.Source, "package.json"))
	require.EqualValues(t, 1, i.whole(t, "i1").Listing)

	g := graphtest.Connect(t, graphtest.Config(t))
	projector := &projection.Projector{Store: i.store, Graph: g}
	_, err := projector.Reconcile(t.Context(), false, func() {})
	require.NoError(t, err)
	w := &world{t: t, store: i.store, now: time.Now()}
	ref := w.apply(city.Participant{ID: "again", Name: "Kitchen on Maple St", Operator: "HEARTH  charities"})
	o := &activities.Onboarding{Store: i.store, Graph: g, Logger: slog.New(slog.DiscardHandler), Now: time.Now}
	found, err := o.FindDuplicates(t.Context(), ref)
	require.NoError(t, err)
	require.Len(t, found.Flags, 1)
	require.Contains(t, found.Flags[0], "may be services.maple")
	require.Contains(t, found.Flags[0], "same operator")
}

// writeChain writes an HSDS package of a kitchen and the organization that runs it.
func writeChain(t *testing.T, path string) {
	t.Helper()
	at := &city.Point{Lon: -94.5, Lat: 41.5}
	kitchen := city.Listing{
		ID: "soup", Side: city.ResourceSide, Leaf: "food.produce", Title: "Vegetables", Point: at, LocationQuality: city.Exact,
		Quantity: city.Quantity{Amount: 40, Unit: city.Kilogram, Quality: city.Declared}, Temperature: city.Ambient, Origin: city.Observed,
		Resource: &city.ResourceTerms{MinimumLot: 1, Condition: 1, UsableChance: 1},
	}
	holders := []hsds.Holder{
		{Participant: city.Participant{ID: "hearth", Kind: city.Organisation, Name: "Hearth Charities"}},
		{Participant: city.Participant{ID: "maple", Kind: city.Organisation, Name: "Kitchen on Maple"}, Listings: []city.Listing{kitchen}},
	}
	each := func(yield func(hsds.Holder, error) bool) {
		for _, holder := range holders {
			if !yield(holder, nil) {
				return
			}
		}
	}
	var out bytes.Buffer
	require.NoError(t, hsds.WriteJSON(&out, each, time.UTC, city.DefaultTaxonomy().Title))
	var organizations []map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &organizations))
	organizations[1]["parent_organization_id"] = "hearth"
	content, err := json.Marshal(organizations)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, content, 0o600))
}
