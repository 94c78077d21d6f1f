package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/valuation"
)

const checkInput = `{"currency": "USD", "matches": [{"id": "check", "category": "food.produce", "quantity": 100, "unit_kg": 1,
  "price_per_unit": 3.68171978, "condition": 1, "displacement": 0.3, "willingness": 0.5, "disposal_share": 1, "production_factor": 3.66,
  "disposal_factor": 0.68, "tip_fee": 58.47, "haul_fee": 0, "social_cost_co2": 210, "distance_km": 16, "detour": 1, "empty_share": 0,
  "cost_per_mile": 0.70, "vehicle_kg_per_mile": 0.394, "handling_hours": 0, "deadweight": 0.25, "moved": 0}]}`

// runValueCommand runs crg value as a user would.
func runValueCommand(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	command := newValueCommand()
	command.SilenceUsage, command.SilenceErrors = true, true
	command.SetArgs(args)
	command.SetIn(strings.NewReader(stdin))
	var out bytes.Buffer
	command.SetOut(&out)
	err := command.ExecuteContext(t.Context())
	return out.String(), err
}

func TestValueCheckNumber(t *testing.T) {
	t.Parallel()
	out, err := runValueCommand(t, checkInput, "--input", "-", "--json", "--draws", "500")
	require.NoError(t, err)
	var read struct {
		Method, Formulas, Currency string
		PriceYear                  int `json:"price_year"`
		Matches                    []map[string]any
		Total                      map[string]any
	}
	decoder := json.NewDecoder(strings.NewReader(out))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&read))
	require.Equal(t, "2026.1", read.Method)
	require.Equal(t, valuation.Formulas, read.Formulas)
	require.Equal(t, "USD", read.Currency)
	require.Equal(t, 2025, read.PriceYear)
	for name, want := range map[string]string{
		"receiver": "239.31", "donor": "6.45", "time": "0.00", "environment": "40.34", "logistics": "6.96", "platform": "0.00",
		"nsv": "207.61", "gross": "475.08", "co2e_t": "0.192074", "kg": "100", "meals": "183.7",
	} {
		require.Equal(t, json.Number(want), read.Matches[0][name], name)
	}
	require.Equal(t, json.Number("207.61"), read.Total["nsv"])
	for _, name := range []string{"nsv_p5", "nsv_p50", "nsv_p95"} {
		require.Equal(t, json.Number("207.61"), read.Total[name], "every figure is stated, so nothing is uncertain")
	}
}

func TestValueRepeatsItsBytes(t *testing.T) {
	t.Parallel()
	input := `{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": 7, "distance_km": 1}]}`
	first, err := runValueCommand(t, input, "--input", "-", "--json", "--draws", "500", "--seed", "4")
	require.NoError(t, err)
	again, err := runValueCommand(t, input, "--input", "-", "--json", "--draws", "500", "--seed", "4")
	require.NoError(t, err)
	require.Equal(t, first, again)
	other, err := runValueCommand(t, input, "--input", "-", "--json", "--draws", "500", "--seed", "5")
	require.NoError(t, err)
	require.NotEqual(t, first, other)
}

func TestValueWritesFilesWhole(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	page, table := filepath.Join(folder, "value.html"), filepath.Join(folder, "value.csv")
	out, err := runValueCommand(t, checkInput, "--input", "-", "--draws", "500", "--html", page, "--csv", table)
	require.NoError(t, err)
	require.Contains(t, out, "Verified")
	require.Contains(t, out, "207.61")
	for _, file := range []string{page, table} {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Contains(t, string(content), "207.61")
	}
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, left, 2, "no temporary file stays")
}

// Where one of the files cannot be written, the other is not written either.
func TestValueWritesAllFilesOrNone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	table := filepath.Join(folder, "value.csv")
	for wrong, message := range map[string]string{
		filepath.Join(folder, "none", "value.html"): "no such file or directory",
		folder: "is a folder or device: want a file",
		table:  "named for two files",
	} {
		out, err := runValueCommand(t, checkInput, "--input", "-", "--draws", "500", "--csv", table, "--html", wrong)
		require.ErrorContains(t, err, message)
		require.ErrorContains(t, err, wrong)
		require.Equal(t, exitUsage, exitCode(err))
		require.Empty(t, out)
		left, err := os.ReadDir(folder)
		require.NoError(t, err)
		require.Empty(t, left)
	}
}

// Whatever is wrong is the user's to mend: exit code 2, a message that says where and what would be right, nothing written.
func TestValueRefusals(t *testing.T) {
	t.Parallel()
	shipped, err := os.ReadFile("../../valuation/parameters/2026.1.yaml")
	require.NoError(t, err)
	sourceless := strings.Replace(string(shipped), "price_year: 2022, source: eref, evidence: verified}", "price_year: 2022, evidence: verified}", 1)
	for name, test := range map[string]struct {
		input      string
		parameters string
		args       []string
		message    string
	}{
		"misspelt parameter": {
			input:   strings.Replace(checkInput, "displacement", "displacment", 1),
			message: `matches[0]: unknown field "displacment": did you mean "displacement"?`,
		},
		"unknown category": {
			input:   strings.Replace(checkInput, "food.produce", "food.fruit", 1),
			message: `category "food.fruit": want a leaf such as food.grocery-mixed`,
		},
		"share outside 0..1": {
			input:   strings.Replace(checkInput, `"condition": 1`, `"condition": 1.2`, 1),
			message: "condition 1.2: want a share from 0 to 1",
		},
		"negative quantity": {
			input:   strings.Replace(checkInput, `"quantity": 100`, `"quantity": -100`, 1),
			message: "matches[0]: quantity -100: want a number from 0",
		},
		"not a number": {
			input:   strings.Replace(checkInput, `"quantity": 100`, `"quantity": NaN`, 1),
			message: "line 1: not JSON: matches[0].quantity NaN: want a number",
		},
		"missing quantity": {
			input:   strings.Replace(checkInput, `"quantity": 100, `, "", 1),
			message: "matches[0]: quantity missing",
		},
		"duplicate id": {
			input:   `{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": 1}, {"id": "a", "category": "food", "quantity": 1}]}`,
			message: `matches[1].id: "a": already the id of matches[0]: ids must differ`,
		},
		"other currency": {
			input:   strings.Replace(checkInput, `"USD"`, `"EUR"`, 1),
			message: `currency: "EUR": want USD, the method's currency`,
		},
		"price year without an index": {
			input:   strings.Replace(checkInput, `"currency": "USD"`, `"currency": "USD", "price_year": 1901`, 1),
			message: "price_year: 1901: want 2025 or a year of the price index",
		},
		"parameter without a source":  {input: checkInput, parameters: sourceless, message: "source missing: want where the figure comes from"},
		"input file missing":          {args: []string{"--input", "no-such-file.json"}, message: "no-such-file.json"},
		"input not named":             {args: []string{}, message: "--input is missing"},
		"no draws":                    {input: checkInput, args: []string{"--input", "-", "--draws", "0"}, message: "--draws 0: want 100 to 1000000"},
		"too few draws":               {input: checkInput, args: []string{"--input", "-", "--draws", "1"}, message: "draws 1: want 100 to 1000000"},
		"word that nobody asked for":  {input: checkInput, args: []string{"--input", "-", "again"}, message: `unexpected argument "again"`},
		"parameter file not readable": {input: checkInput, args: []string{"--input", "-", "--parameters", "no-such-file.yaml"}, message: "no-such-file.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			args := test.args
			if args == nil {
				args = []string{"--input", "-", "--csv", filepath.Join(folder, "out.csv"), "--html", filepath.Join(folder, "out.html")}
			}
			if test.parameters != "" {
				file := filepath.Join(t.TempDir(), "parameters.yaml")
				require.NoError(t, os.WriteFile(file, []byte(test.parameters), 0o600))
				args = append(args, "--parameters", file)
			}
			out, err := runValueCommand(t, test.input, args...)
			require.ErrorContains(t, err, test.message)
			require.Equal(t, exitUsage, exitCode(err))
			require.Empty(t, out)
			left, err := os.ReadDir(folder)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

// Whatever the field and whatever stands in it: what is no number that the parameter may have is refused by its path and
// value, with what would be right, and no file is written.
func TestValueRefusesEveryWrongNumber(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	fields := []string{"quantity", "price_paid", "platform_fee", "receiver_income"}
	for _, name := range valuation.Names() {
		fields = append(fields, string(name))
	}
	for _, field := range fields {
		for _, wrong := range []string{`-1`, `"1"`, `"NaN"`, `NaN`, `1e999`, `null`, `true`, `[1]`, `{"low": 1}`} {
			match := fmt.Sprintf(`{"id": "b", "category": "food", "quantity": 1, %q: %s}`, field, wrong)
			if field == "quantity" {
				match = fmt.Sprintf(`{"id": "b", "category": "food", "quantity": %s}`, wrong)
			}
			input := `{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": 1}, ` + match + `]}`
			out, err := runValueCommand(t, input, "--input", "-", "--draws", "100", "--json",
				"--csv", filepath.Join(folder, "out.csv"), "--html", filepath.Join(folder, "out.html"))
			require.Error(t, err, match)
			require.Equal(t, exitUsage, exitCode(err), match)
			require.Empty(t, out, match)
			if wrong == "NaN" { // JSON has no such word, so that the document ends there
				require.ErrorContains(t, err, "line 1: not JSON: matches[1]."+field+" NaN: want a number", match)
				continue
			}
			require.ErrorContains(t, err, "matches[1]: "+field+" "+wrong+": want ", match)
		}
	}
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, left)
}

// Damage to a good document anywhere is either read as another good document or refused as the user's mistake; nothing
// panics, and nothing half read is valued.
func FuzzValueInput(f *testing.F) {
	f.Add([]byte(checkInput))
	f.Add([]byte(`{"currency": "USD", "price_year": 2016, "rules": [], "matches": [{"id": "a", "category": "food", "quantity": 0}]}`))
	f.Add([]byte(`{"currency": "EUR", "matches": null}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		out, err := runValueCommand(t, string(content), "--input", "-", "--draws", "100", "--json")
		if err != nil {
			require.Equal(t, exitUsage, exitCode(err))
			require.Empty(t, out)
			return
		}
		require.True(t, json.Valid([]byte(out)))
	})
}
