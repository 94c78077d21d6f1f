package ingest_test

import (
	"bytes"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/ingest/generate"
	"github.com/city-resource-graph/crg/ingest/hsds"
)

func openShipped(t *testing.T, name string) *ingest.City {
	t.Helper()
	folder, err := cities.Open(name)
	require.NoError(t, err)
	c, err := ingest.Open(folder, city.DefaultTaxonomy())
	require.NoError(t, err)
	return c
}

// holders are the participants of a generated town with their listings.
func holders(t *testing.T) (list []hsds.Holder, each iter.Seq2[hsds.Holder, error]) {
	t.Helper()
	dir := t.TempDir()
	_, err := generate.Write(t.Context(), dir, generate.Options{Participants: 120, Seed: 9})
	require.NoError(t, err)
	data, err := ingest.Load(t.Context(), openTown(t), dir)
	require.NoError(t, err)
	for _, p := range data.Participants {
		h := hsds.Holder{Participant: p}
		for _, l := range data.Listings {
			if l.Holder == p.ID && p.Kind != city.Person { // whose places are rounded on purpose
				h.Listings = append(h.Listings, l)
			}
		}
		list = append(list, h)
	}
	return list, func(yield func(hsds.Holder, error) bool) {
		for _, h := range list {
			if !yield(h, nil) {
				return
			}
		}
	}
}

// What is exported as HSDS, in either form, reads back in unchanged: each listing with all its terms, and its holder.
func TestAnExportReadsBackIn(t *testing.T) {
	t.Parallel()
	list, each := holders(t)
	zone, err := time.LoadLocation("America/Chicago")
	require.NoError(t, err)
	forms := map[string]func(folder string) error{
		"JSON": func(folder string) error {
			var out bytes.Buffer
			if err := hsds.WriteJSON(&out, each, zone, city.DefaultTaxonomy().Title); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(folder, "package.json"), out.Bytes(), 0o600)
		},
		"tabular": func(folder string) error { return hsds.WriteTabular(folder, each, zone, city.DefaultTaxonomy().Title) },
	}
	for name, write := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			require.NoError(t, write(folder))
			data, err := ingest.Load(t.Context(), openShipped(t, "hsds"), folder)
			require.NoError(t, err)
			require.Empty(t, data.Rejects)
			names := map[city.ParticipantID]string{}
			for _, p := range data.Participants {
				names[p.ID] = p.Name + ", " + string(p.Kind)
			}
			var want, got []string
			for _, h := range list {
				for _, l := range h.Listings {
					want = append(want, whole(t, h.Name+", "+string(h.Kind), l))
				}
			}
			for _, l := range data.Listings {
				got = append(got, whole(t, names[l.Holder], l))
			}
			require.ElementsMatch(t, want, got)
			require.Greater(t, len(want), 100)
		})
	}
}

// whole is all that a listing says, besides the ids that every installation gives itself.
func whole(t *testing.T, holder string, l city.Listing) string {
	t.Helper()
	stated, err := hsds.Stated(l)
	require.NoError(t, err)
	return fmt.Sprintf("%s at %v, %s: %s", holder, *l.Point, l.State, stated)
}

// Of a directory that states no quantities every row is kept as a fact, and each dangling reference costs its own row.
func TestADirectoryOfServices(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, content := range map[string]string{
		"datapackage.json": `{"resources":[{"name":"organization","path":"organizations.csv"},{"name":"service","path":"services.csv"},
			{"name":"location","path":"locations.csv"},{"name":"service_at_location","path":"at.csv"},{"name":"phone","path":"phones.csv"},
			{"name":"attribute","path":"attributes.csv"}]}`,
		"organizations.csv": "id,name\no1,North Pantry\no1,Again\n",
		"services.csv":      "id,organization_id,name,status\ns1,o1,Pantry,active\ns2,o9,Lost,active\ns3,o1,Closed,inactive\n",
		"locations.csv":     "id,latitude,longitude\nl1,38.9,-77\n",
		"at.csv":            "id,service_id,location_id\na1,s1,l1\na2,s1,l9\na3,s2,l1\na4,s8,l1\n",
		"phones.csv":        "id,service_id,number\np1,s1,1\np2,s7,2\n",
		"attributes.csv":    "id,link_id,link_type,link_entity,value\nt1,s1,crg:listing,service,{\"id\":}\nt2,s77,x,service,y\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
	}
	data, err := ingest.Load(t.Context(), openShipped(t, "hsds"), folder)
	require.NoError(t, err)
	require.Empty(t, data.Listings)
	var told []string
	for _, r := range data.Rejects {
		told = append(told, fmt.Sprintf("%s, line %d: %s %q: %s", r.File, r.Line, r.Field, r.Value, r.Reason))
	}
	const dangling = "a dangling reference: the package has no "
	require.Equal(t, []string{
		`organizations.csv, line 3: id "o1": the same id as line 2: want one of each`,
		`at.csv, line 2: attribute.crg:listing "{\"id\":}": not a listing as an export writes it: invalid character '}' looking for beginning of value`,
		`services.csv, line 3: organization_id "o9": ` + dangling + `organization with this id`,
		`at.csv, line 4: service_id "s2": its service is rejected: mend that first`,
		`attributes.csv, line 3: link_id "s77": ` + dangling + `service with this id`,
		`phones.csv, line 3: service_id "s7": ` + dangling + `service with this id`,
		`at.csv, line 3: location_id "l9": ` + dangling + `location with this id`,
		`at.csv, line 5: service_id "s8": ` + dangling + `service with this id`,
	}, told)
	require.Equal(t, map[ingest.Outcome]int64{ingest.PlaceFact: 1, ingest.Rejected: 7}, data.Counts["services"])
}

// Who runs an organization is named as far as the package names it: by its name, else by the id that others may share.
func TestAPackageNamesWhoRunsAnOrganization(t *testing.T) {
	t.Parallel()
	list, _ := holders(t)
	offers := slices.IndexFunc(list, func(h hsds.Holder) bool { return len(h.Listings) > 0 })
	stated, err := hsds.Stated(list[offers].Listings[0])
	require.NoError(t, err)
	folder := t.TempDir()
	quoted := strings.ReplaceAll(stated, `"`, `""`)
	for name, content := range map[string]string{
		"datapackage.json": `{"resources":[{"name":"organization","path":"organizations.csv"},{"name":"service","path":"services.csv"},
			{"name":"location","path":"locations.csv"},{"name":"service_at_location","path":"at.csv"},{"name":"attribute","path":"attributes.csv"}]}`,
		"organizations.csv": "id,name,parent_organization_id\no1,Hearth Charities,\no2,North Pantry,o1\no3,South Pantry,o9\n",
		"services.csv":      "id,organization_id,name,status\ns1,o1,Meals,active\ns2,o2,Meals,active\ns3,o3,Meals,active\n",
		"locations.csv":     "id,latitude,longitude\nl1,38.9,-77\n",
		"at.csv":            "id,service_id,location_id\na1,s1,l1\na2,s2,l1\na3,s3,l1\n",
		"attributes.csv": "id,link_id,link_type,link_entity,value\n" + fmt.Sprintf(
			"t1,s1,crg:listing,service,\"%[1]s\"\nt2,s2,crg:listing,service,\"%[1]s\"\nt3,s3,crg:listing,service,\"%[1]s\"\n", quoted),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
	}
	data, err := ingest.Load(t.Context(), openShipped(t, "hsds"), folder)
	require.NoError(t, err)
	require.Empty(t, data.Rejects)
	operators := map[string]string{}
	for _, p := range data.Participants {
		operators[p.Name] = p.Operator
	}
	require.Equal(t, map[string]string{"Hearth Charities": "", "North Pantry": "Hearth Charities", "South Pantry": "o9"}, operators)
}

func TestHSDSFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ name, content, want string }{
		"cut":          {"package.json", `[{"id":"o1","name":"A"},{"id":`, "it may have been cut"},
		"no JSON":      {"package.json", "id,name\n", "not JSON"},
		"a number":     {"package.json", "7", "want HSDS 3 JSON"},
		"no service":   {"datapackage.json", `{"resources":[{"name":"organization","path":"o.csv"}]}`, `no resource "service"`},
		"up and away":  {"datapackage.json", `{"resources":[{"name":"service","path":"../../etc/passwd"}]}`, "want a file beside this one"},
		"a table less": {"datapackage.json", `{"resources":[{"name":"service","path":"services.csv"}]}`, "no such file, but the package names it"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(folder, test.name), []byte(test.content), 0o600))
			_, err := openShipped(t, "hsds").Plan(t.Context(), folder, ingest.PlanOptions{})
			require.ErrorContains(t, err, test.want)
		})
	}
}

// What one listing states must not stop the run of a whole city: a price beyond what a run reckons with, a comparison or an
// attribute that is none.
func TestAnExportThatNoRunCouldTakeIsRejected(t *testing.T) {
	t.Parallel()
	_, each := holders(t)
	for name, test := range map[string]struct {
		side   city.Side
		spoil  func(*city.Listing)
		reason string
	}{
		"a price":      {city.ResourceSide, func(l *city.Listing) { l.Resource.CostPerUnit = 500_000_001 }, "cost_per_unit 500000001: want at most 500000000"},
		"a budget":     {city.NeedSide, func(l *city.Listing) { l.Need.BudgetPerUnit = 500_000_001 }, "budget_per_unit 500000001: want at most"},
		"an attribute": {city.ResourceSide, func(l *city.Listing) { l.Attributes = map[string]any{"lift": []int{1}} }, "attribute lift: [1]: want true or false"},
		"a comparison": {city.NeedSide, func(l *city.Listing) {
			l.Need.Constraints = []city.Constraint{{Attribute: "lift", Operator: ">=", Value: "much"}}
		}, "constraint on lift: much: >= needs a number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spoilt := 0
			spoiling := func(yield func(hsds.Holder, error) bool) {
				each(func(h hsds.Holder, err error) bool {
					h.Listings = slices.Clone(h.Listings)
					for i := range h.Listings {
						if l := &h.Listings[i]; spoilt == 0 && l.Side == test.side {
							l.Resource, l.Need = copied(l.Resource), copied(l.Need)
							test.spoil(l)
							spoilt++
						}
					}
					return yield(h, err)
				})
			}
			var out bytes.Buffer
			require.NoError(t, hsds.WriteJSON(&out, spoiling, time.UTC, city.DefaultTaxonomy().Title))
			folder := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(folder, "package.json"), out.Bytes(), 0o600))
			data, err := ingest.Load(t.Context(), openShipped(t, "hsds"), folder)
			require.NoError(t, err)
			require.Len(t, data.Rejects, 1)
			require.Contains(t, data.Rejects[0].Reason, test.reason)
		})
	}
}

func copied[T any](value *T) *T {
	if value == nil {
		return nil
	}
	of := *value
	return &of
}
