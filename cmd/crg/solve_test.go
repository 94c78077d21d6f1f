package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inputFiles writes three small tables and returns the flags that name them.
func inputFiles(t *testing.T, edges string) []string {
	t.Helper()
	dir := t.TempDir()
	var flags []string
	for name, text := range map[string]string{
		"needs": "id,quantity\nn1,3\nn2,2\n", "resources": "id,quantity\nr1,2\nr2,2\n", "edges": edges,
	} {
		path := filepath.Join(dir, name+".csv")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		flags = append(flags, "--"+name, path)
	}
	return flags
}

const fourEdges = "need,resource,value\nn1,r1,10\nn1,r2,7\nn2,r1,6\nn2,r2,4\n"

// runCommand runs crg with arguments and returns its output and exit code.
func runCommand(t *testing.T, args ...string) (stdout string, code int, err error) {
	t.Helper()
	root := newRootCommand()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err = root.ExecuteContext(context.Background())
	return out.String(), exitCode(err), err
}

func TestSolveThenVerify(t *testing.T) {
	input := inputFiles(t, fourEdges)
	dir := filepath.Join(t.TempDir(), "out")
	text, code, err := runCommand(t, append([]string{"solve", "--out", dir, "--json"}, input...)...)
	require.NoError(t, err)
	require.Zero(t, code)
	var report map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &report))
	for key, want := range map[string]any{
		"value": 31.0, "bound": 31.0, "gap": 0.0, "optimal": true, "needs": 2.0, "resources": 2.0, "edges": 4.0, "components": 1.0,
	} {
		require.Equal(t, want, report[key], key)
	}
	require.Positive(t, report["peak_rss_bytes"])
	for _, step := range []string{"read", "components", "solve", "verify", "write"} {
		require.Contains(t, report["seconds"], step)
	}
	text, code, err = runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.NoError(t, err)
	require.Zero(t, code)
	require.Contains(t, text, "holds: worth 31; optimal")
	_, _, err = runCommand(t, append([]string{"solve", "--out", filepath.Join(t.TempDir(), "warm"), "--warm-from", dir}, input...)...)
	require.NoError(t, err)
}

// Whatever is changed in a result or in its input, crg verify-run says no with exit code 1 and names the first edge, price
// or sum that does not hold.
func TestVerifyRunNamesEveryTampering(t *testing.T) {
	const allocation, prices, proof = "allocation.csv", "prices.csv", "certificate.json"
	for name, c := range map[string]struct{ file, old, new, rule, says string }{
		"row dropped":           {allocation, "n1,r2,1\n", "", "sum", "value is claimed to be 31, but is 24"},
		"row doubled":           {allocation, "n1,r2,1\n", "n1,r2,1\nn1,r2,1\n", "flow edge", `need "n1" and resource "r2" occur twice`},
		"row moved":             {allocation, "n2,r2,1", "n2,r1,1", "quantity", `resource "r1" gets 3 allocated, but has a quantity of 2`},
		"quantity up by one":    {allocation, "n1,r1,2", "n1,r1,3", "quantity", `resource "r1" gets 3 allocated, but has a quantity of 2`},
		"quantity down by one":  {allocation, "n1,r1,2", "n1,r1,1", "sum", "value is claimed to be 31, but is 21"},
		"need price up":         {prices, "need,n1,3", "need,n1,4", "sum", "bound is claimed to be 31, but is 34"},
		"need price down":       {prices, "need,n1,3", "need,n1,2", "edge", `need "n1" and resource "r1" is worth 10, more than its prices 2 + 7`},
		"resource price up":     {prices, "resource,r1,7", "resource,r1,8", "sum", "bound is claimed to be 31, but is 33"},
		"resource price down":   {prices, "resource,r2,4", "resource,r2,3", "edge", `need "n1" and resource "r2" is worth 7, more than its prices 3 + 3`},
		"value claimed":         {proof, `"value": 31`, `"value": 32`, "sum", "value is claimed to be 32, but is 31"},
		"bound claimed":         {proof, `"bound": 31`, `"bound": 30`, "sum", "bound is claimed to be 30, but is 31"},
		"optimality denied":     {proof, `"optimal": true`, `"optimal": false`, "optimal", "optimality is claimed with a gap of 0, or denied"},
		"edge value up by one":  {"edges.csv", "n1,r1,10", "n1,r1,11", "edge", `need "n1" and resource "r1" is worth 11, more than its prices 3 + 7`},
		"edge value down":       {"edges.csv", "n1,r1,10", "n1,r1,9", "sum", "value is claimed to be 31, but is 29"},
		"unused edge's value":   {"edges.csv", "n2,r1,6", "n2,r1,5", "input", "is of another input"},
		"edge dropped":          {"edges.csv", "n1,r2,7\n", "", "flow edge", `need "n1" and resource "r2" have no edge`},
		"need's quantity down":  {"needs.csv", "n1,3", "n1,2", "quantity", `need "n1" gets 3 allocated, but has a quantity of 2`},
		"need's quantity up":    {"needs.csv", "n2,2", "n2,3", "input", "is of another input"},
		"a resource more":       {"resources.csv", "r2,2", "r2,2\nr3,1", "price missing", `resource "r3" has no price`},
		"a resource renamed":    {"resources.csv", "r2,2", "r9,2", "", "not in the table of resources"},
		"allocation cut off":    {allocation, "n2,r2,1\n", "n2,r2", "", "is the file truncated?"},
		"prices without header": {prices, "side,id,price\n", "", "", "header line"},
	} {
		t.Run(name, func(t *testing.T) {
			input := inputFiles(t, fourEdges)
			dir := filepath.Join(t.TempDir(), "out")
			_, _, err := runCommand(t, append([]string{"solve", "--out", dir}, input...)...)
			require.NoError(t, err)
			path := filepath.Join(dir, c.file)
			if _, err := os.Stat(path); err != nil {
				path = filepath.Join(filepath.Dir(input[1]), c.file)
			}
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			spoilt := strings.Replace(string(text), c.old, c.new, 1)
			require.NotEqual(t, string(text), spoilt)
			require.NoError(t, os.WriteFile(path, []byte(spoilt), 0o600))
			_, code, err := runCommand(t, append([]string{"verify-run", dir}, input...)...)
			require.ErrorContains(t, err, c.says)
			if strings.HasSuffix(c.says, "table of resources") {
				require.Equal(t, 2, code, "the input itself is wrong")
				return
			}
			require.Equal(t, 1, code)
			out, code, _ := runCommand(t, append([]string{"verify-run", dir, "--json"}, input...)...)
			require.Equal(t, 1, code)
			require.Contains(t, out, `{"valid":false,"violation":{"rule":"`+c.rule)
		})
	}
}

// The result of another input is no proof for this one, however alike the two are.
func TestVerifyRunRefusesAnotherInputsResult(t *testing.T) {
	input, other := inputFiles(t, fourEdges), inputFiles(t, strings.Replace(fourEdges, "n2,r1,6", "n2,r1,5", 1))
	dir := filepath.Join(t.TempDir(), "out")
	_, _, err := runCommand(t, append([]string{"solve", "--out", dir}, other...)...)
	require.NoError(t, err)
	_, code, err := runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.Equal(t, 1, code)
	require.ErrorContains(t, err, "is of another input")
}

func TestSolveRefusesBadUse(t *testing.T) {
	good := inputFiles(t, fourEdges)
	dir := filepath.Join(t.TempDir(), "out")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no files":           {[]string{"solve", "--out", dir}, "is missing"},
		"no out":             {append([]string{"solve"}, good...), "--out is missing"},
		"unknown flag":       {append([]string{"solve", "--fast"}, good...), "unknown flag"},
		"an argument":        {append([]string{"solve", "here", "--out", dir}, good...), `unexpected argument "here"`},
		"negative workers":   {append([]string{"solve", "--workers", "-1", "--out", dir}, good...), "must not be negative"},
		"too many workers":   {append([]string{"solve", "--workers", "1025", "--out", dir}, good...), "--workers is 1025: want at most 1024"},
		"wrong deadline":     {append([]string{"solve", "--deadline", "soon", "--out", dir}, good...), "deadline"},
		"wrong number":       {append([]string{"solve", "--out", dir}, inputFiles(t, "need,resource,value\nn1,r1,1.5\n")...), `edges.csv:2: value is "1.5"`},
		"no basis there":     {append([]string{"solve", "--out", dir, "--warm-from", t.TempDir()}, good...), "basis.bin: cannot be read"},
		"out below a file":   {append([]string{"solve", "--out", filepath.Join(good[1], "out")}, good...), "cannot"},
		"verify nothing":     {append([]string{"verify-run"}, good...), "want one result folder"},
		"verify a gone dir":  {append([]string{"verify-run", filepath.Join(dir, "gone")}, good...), "is no result folder"},
		"verify, wrong edge": {append([]string{"verify-run", t.TempDir()}, inputFiles(t, "need,resource\n")...), "edges.csv:1: the header line has no column"},
	} {
		t.Run(name, func(t *testing.T) {
			_, code, err := runCommand(t, c.args...)
			require.Equal(t, 2, code, "%v", err)
			require.ErrorContains(t, err, c.says)
			require.NoDirExists(t, dir)
		})
	}
}

func TestSolveWithinADeadline(t *testing.T) {
	input := inputFiles(t, fourEdges)
	dir := filepath.Join(t.TempDir(), "out")
	_, code, err := runCommand(t, append([]string{"solve", "--out", dir, "--deadline", "1ns"}, input...)...)
	require.NoError(t, err)
	require.Zero(t, code)
	text, _, err := runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.NoError(t, err, "what a deadline leaves is feasible, and its bound holds")
	require.Contains(t, text, "holds: worth")
}
