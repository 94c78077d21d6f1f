package cities_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
)

// Every shipped folder is sound: profile, policy and scoring are read, every rule has its source.
func TestEveryShippedCityOpens(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"akron", "dc", "generated", "harvey", "hsds", "sheet"}, cities.Names())
	for _, name := range cities.Names() {
		folder, err := cities.Open(name)
		require.NoError(t, err)
		c, err := ingest.Open(folder, city.DefaultTaxonomy())
		require.NoError(t, err)
		require.Equal(t, city.ID(name), c.ID)
		require.NotEmpty(t, c.ScoringID)
		require.NotEmpty(t, c.Credit)
		require.Equal(t, name == "harvey" || name == "hsds" || name == "sheet", len(c.Rules()) == 0, "they state everything, or nothing")
		for _, rule := range c.Rules() {
			require.NoError(t, rule.Validate())
		}
	}
}

func TestDCHasTheApprovalDefaults(t *testing.T) {
	t.Parallel()
	folder, err := cities.Open("dc")
	require.NoError(t, err)
	c, err := ingest.Open(folder, city.DefaultTaxonomy())
	require.NoError(t, err)
	for minor, approvers := range map[int64]int{0: 0, 9_999: 0, 10_000: 1, 24_999: 1, 25_000: 2, 1_000_000: 2} {
		requirement, err := c.Policy.Require("food.produce", minor)
		require.NoError(t, err)
		require.Equal(t, approvers, requirement.CityApprovers, minor)
		require.Empty(t, requirement.Sides)
	}
}

func TestACityOfOnesOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "city.yaml"), []byte("id: mine\n"), 0o600))
	folder, err := cities.Open(dir)
	require.NoError(t, err)
	_, err = ingest.Open(folder, city.DefaultTaxonomy())
	require.ErrorContains(t, err, "city.yaml: name is missing")

	_, err = cities.Open("atlantis")
	require.ErrorContains(t, err, `city "atlantis": want one of akron, dc, generated, harvey, hsds, sheet, or the path of a folder such as ./mycity`)
	_, err = cities.Open("./atlantis")
	require.ErrorContains(t, err, `city folder "./atlantis": no such folder`)
}
