package city_test

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/city-resource-graph/crg/city"
)

// The how-to promises what its policy does; this keeps the promise.
func TestHowToApprovalPolicy(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/howto-approval-policy.md")
	require.NoError(t, err)

	var p city.ApprovalPolicy
	decoder := yaml.NewDecoder(strings.NewReader(fenced(t, string(page), "yaml policy")))
	decoder.KnownFields(true)
	require.NoError(t, decoder.Decode(&p))
	require.NoError(t, p.Validate())

	rows, err := csv.NewReader(strings.NewReader(fenced(t, string(page), "csv outcome"))).ReadAll()
	require.NoError(t, err)
	require.Greater(t, len(rows), 1)
	for _, row := range rows[1:] {
		expected, err := city.ParseMinor(row[1], p.Currency)
		require.NoError(t, err)
		got, err := p.Require(city.Leaf(row[0]), expected)
		require.NoError(t, err)
		require.Equal(t, row[2], got.Rule, "%v", row)
		require.Equal(t, row[3], strconv.Itoa(got.CityApprovers), "%v", row)
	}
}

// fenced is the content of the one code block of the page that is marked with info.
func fenced(t *testing.T, page, info string) string {
	t.Helper()
	_, after, found := strings.Cut(page, "```"+info+"\n")
	require.True(t, found, "the page has no block %q", info)
	block, _, found := strings.Cut(after, "```")
	require.True(t, found)
	return block
}
