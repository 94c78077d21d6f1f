package valuation_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/valuation"
)

// neutral is what "certain" states for every parameter that a case leaves out.
var neutral = map[valuation.Name]float64{
	valuation.UnitKg: 0, valuation.PricePerUnit: 0, valuation.Condition: 0, valuation.Displacement: 0, valuation.Willingness: 0,
	valuation.DisposalShare: 0, valuation.ProductionFactor: 0, valuation.DisposalFactor: 0, valuation.TipFee: 0, valuation.HaulFee: 0,
	valuation.HoursPerUnit: 0, valuation.Wage: 0, valuation.Fringe: 0, valuation.Detour: 1, valuation.EmptyShare: 0, valuation.CostPerMile: 0,
	valuation.VehicleKgPerMile: 0, valuation.HandlingHours: 0, valuation.HandlingWage: 0, valuation.SocialCostCO2: 0,
	valuation.Deadweight: 0, valuation.Moved: 0, valuation.Attribution: 0, valuation.Success: 1, valuation.FailedTripShare: 0,
}

// testCase is one match of a test file.
type testCase struct {
	line   int
	fields []string // JSON members
	stated map[valuation.Name]bool
	want   map[string]string
	refuse string
}

func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.test")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		for _, c := range readCases(t, file) {
			t.Run(fmt.Sprintf("%s:%d", filepath.Base(file), c.line), func(t *testing.T) {
				t.Parallel()
				c.check(t)
			})
		}
	}
}

func (c testCase) check(t *testing.T) {
	t.Helper()
	document := fmt.Sprintf(`{"currency": "USD", "matches": [{%s}]}`, strings.Join(c.fields, ", "))
	params := valuation.Default()
	input, err := valuation.ReadInput(params, []byte(document))
	if c.refuse != "" && err == nil {
		_, err = valuation.Value(params, input.Matches[0])
	}
	if c.refuse != "" {
		require.ErrorContains(t, err, c.refuse)
		return
	}
	require.NoError(t, err)
	result, err := valuation.Value(params, input.Matches[0])
	require.NoError(t, err)
	got := amounts(result)
	for what, want := range c.want {
		require.Contains(t, got, what)
		require.Equal(t, want, got[what], what)
	}
	require.Equal(t, result.NSV, result.Accounts.Sum(), "accounts")
	require.Equal(t, result.NSV, result.Counted.Sum(), "counted items")
}

// amounts names everything that a case can ask for.
func amounts(r valuation.Result) map[string]string {
	money := func(minor int64) string { return fmt.Sprintf("%.2f", float64(minor)/100) }
	c, a := r.Counted, r.Accounts
	named := map[string]string{
		"receiver": money(r.Receiver), "donor": money(r.Donor), "time": money(r.Time), "environment": money(r.Environment),
		"logistics": money(r.Logistics), "platform": money(r.Platform), "nsv": money(r.NSV), "gross": money(r.Gross),
		"expected": money(r.Expected), "attributed": money(r.Attributed), "nsv_full": money(r.NSVFull),
		"counted.receiver": money(c.Receiver), "counted.donor": money(c.Donor), "counted.time": money(c.Time),
		"counted.environment": money(c.Environment), "counted.logistics": money(c.Logistics), "counted.platform": money(c.Platform),
		"account.giver": money(a.Giver), "account.receiver": money(a.Receiver), "account.city": money(a.City),
		"account.environment": money(a.Environment), "account.platform": money(a.Platform),
		"co2e_t": fmt.Sprintf("%.6f", r.CO2eTonnes), "kg": fmt.Sprintf("%.1f", r.Kg), "meals": fmt.Sprintf("%.1f", r.Meals), "hours": fmt.Sprintf("%.2f", r.Hours),
	}
	for _, view := range r.Equity {
		named[fmt.Sprintf("equity.%.1f", view.Elasticity)] = money(view.NSV)
	}
	return named
}

func readCases(t *testing.T, file string) []testCase {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	var cases []testCase
	certain := false
	for i, line := range strings.Split(string(content), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0][0] == '#':
		case words[0] == "certain":
			certain = true
		case words[0] == "match":
			require.Len(t, words, 4, "%s:%d", file, i+1)
			cases = append(cases, testCase{line: i + 1, want: map[string]string{}, stated: map[valuation.Name]bool{}, fields: []string{
				fmt.Sprintf(`"id": %q, "category": %q, "quantity": %s`, words[1], words[2], words[3]),
			}})
		default:
			require.NotEmpty(t, cases, "%s:%d: a line before the first match", file, i+1)
			cases[len(cases)-1].read(t, words, strings.TrimSpace(line))
		}
	}
	for i := range cases {
		for name, value := range neutral {
			if certain && !cases[i].stated[name] {
				cases[i].fields = append(cases[i].fields, fmt.Sprintf("%q: %v", name, value))
			}
		}
	}
	return cases
}

func (c *testCase) read(t *testing.T, words []string, line string) {
	t.Helper()
	switch words[0] {
	case "=":
		require.Len(t, words, 3, line)
		c.want[words[1]] = words[2]
	case "!":
		c.refuse = strings.TrimSpace(strings.TrimPrefix(line, "!"))
	default:
		require.Len(t, words, 2, line)
		value := words[1]
		if _, err := strconv.ParseFloat(value, 64); err != nil && value[0] != '"' && value != "1e999" {
			quoted, err := json.Marshal(value)
			require.NoError(t, err)
			value = string(quoted)
		}
		c.stated[valuation.Name(words[0])] = true
		c.fields = append(c.fields, fmt.Sprintf("%q: %s", words[0], value))
	}
}
