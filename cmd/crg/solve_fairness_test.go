package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/edgelist"
)

// Ward 7 is worth less to every resource than ward 1; n4 is in no ward.
const (
	wardNeeds     = "id,ward,tier,quantity\nn1,1,2,6\nn2,7,1,4\nn3,7,2,6\nn4,,3,2\n"
	wardResources = "id,quantity\nr1,6\nr2,4\n"
	wardEdges     = "need,resource,value\nn1,r1,10\nn1,r2,9\nn2,r1,7\nn3,r1,5\nn3,r2,6\nn4,r2,9\n"
)

func wardTables(t *testing.T) []string { return tables(t, wardNeeds, wardResources, wardEdges) }

// favouredFolder runs crg solve and returns its certificate.
func favouredFolder(t *testing.T, input []string, args ...string) (dir string, c edgelist.Certificate) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "out")
	_, code, err := runCommand(t, append(append([]string{"solve", "--out", dir}, args...), input...)...)
	require.NoError(t, err)
	require.Zero(t, code)
	text, err := os.ReadFile(filepath.Join(dir, "certificate.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &c))
	return dir, c
}

// spoil changes a file of the result, or of its input.
func spoil(t *testing.T, input []string, dir, file, old, now string) {
	t.Helper()
	path := filepath.Join(dir, file)
	if _, err := os.Stat(path); err != nil {
		path = filepath.Join(filepath.Dir(input[1]), file)
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	spoilt := strings.Replace(string(text), old, now, 1)
	require.NotEqual(t, string(text), spoilt)
	require.NoError(t, os.WriteFile(path, []byte(spoilt), 0o600))
}

// A floor is kept by just what it asks for, proven by prices that hold its bonus, and explained.
func TestSolveKeepsFloors(t *testing.T) {
	input := wardTables(t)
	_, free := favouredFolder(t, input)
	require.Equal(t, []int64{90, 90}, []int64{free.Value, free.Bound})
	dir, c := favouredFolder(t, input, "--floor", "7:35%")
	// Two more than without it, for n3 from r2: at 6 each in place of 9 for n4.
	require.Equal(t, []edgelist.Floor{{Wards: []string{"7"}, Share: 0.35, Wanted: 10, Least: 4, Reached: 4, Bonus: 3}}, c.Floors)
	require.Equal(t, []int64{84, 84, 0}, []int64{c.Value, c.Bound, c.Gap})
	require.True(t, c.Optimal)
	rows := strings.SplitAfter(wardNeeds, "\n")
	_, again := favouredFolder(t, tables(t, rows[0]+rows[4]+rows[2]+rows[3]+rows[1], wardResources, wardEdges), "--floor", "7:35%")
	require.Equal(t, c, again, "whatever the order of the rows")
	text, code, err := runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.NoError(t, err)
	require.Zero(t, code)
	require.Contains(t, text, "holds: worth 84; optimal")
	require.Contains(t, text, "the floor of 4 for ward 7 is kept: they get 4 of 10, the last unit costs 3")
	text, _, err = runCommand(t, "explain", dir, "--need", "n3")
	require.NoError(t, err)
	require.Contains(t, text, "The floor of ward 7 is kept (4 of 4), so that its bonus of 3 a unit counts no more")

	text, _, err = runCommand(t, append([]string{"solve", "--json", "--floor", "1,7:50%", "--floor", "7:10%", "--out", dir}, input...)...)
	require.NoError(t, err)
	require.Contains(t, text, `"floors":[{"wards":["1","7"],"share":0.5,"wanted":16,"least":8,"reached":8,"bonus":0},{"wards":["7"]`)

	_, code, err = runCommand(t, append([]string{"solve", "--floor", "1:100%", "--floor", "7:90%", "--out", filepath.Join(t.TempDir(), "x")}, input...)...)
	require.Equal(t, 1, code)
	require.ErrorContains(t, err, "possible together: 1 ")
}

// In order of service the lowest tier is served first, and the result says what each got.
func TestSolveServesInOrder(t *testing.T) {
	input := wardTables(t)
	dir, c := favouredFolder(t, input, "--tiers")
	require.Len(t, c.Tiers, 3)
	require.Equal(t, []int64{28, 28}, []int64{c.Tiers[0].Value, c.Tiers[0].Bound}, "n2 gets all 4 that it wants")
	require.Equal(t, int64(56), c.Tiers[1].Value, "then n1, 2 of r1 and 4 of r2")
	require.Equal(t, []int64{84, 90, 6}, []int64{c.Value, c.Bound, c.Gap})
	text, _, err := runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.NoError(t, err)
	require.Contains(t, text, "tier 1 is worth 28 of at most 28\n")
	text, _, err = runCommand(t, "explain", dir, "--need", "n4")
	require.NoError(t, err)
	require.Contains(t, text, "which is more urgent")
}

// What a certificate says of floors and tiers is checked against input and allocation, number by number.
func TestVerifyRunChecksFloorsAndTiers(t *testing.T) {
	for name, c := range map[string]struct{ args, file, old, new, rule, says string }{
		"reached":      {"--floor=7:35%", "certificate.json", `"reached": 4`, `"reached": 5`, "floor", "claims that they get 5, but they get 4"},
		"least":        {"--floor=7:35%", "certificate.json", `"least": 4`, `"least": 3`, "floor", "claims to be 0.35 of 10"},
		"wanted":       {"--floor=7:35%", "certificate.json", `"wanted": 10`, `"wanted": 11`, "floor", "claims that 11 are wanted there, but it is 10"},
		"bonus":        {"--floor=7:35%", "certificate.json", `"bonus": 3`, `"bonus": 4`, "edge", "more than its prices"},
		"share wild":   {"--floor=7:35%", "certificate.json", `"share": 0.35`, `"share": 1e18`, "floor", "claims to be a share of 1e+18"},
		"share below":  {"--floor=7:35%", "certificate.json", `"share": 0.35`, `"share": -1`, "floor", "claims to be a share of -1"},
		"ward twice":   {"--floor=7:35%", "certificate.json", `"7"`, `"7", "7"`, "floor", `names ward "7" twice`},
		"bonus wild":   {"--floor=7:35%", "certificate.json", `"bonus": 3`, `"bonus": 9000000000000000000`, "floor", "has a bonus of"},
		"value":        {"--floor=7:35%", "certificate.json", `"value": 84`, `"value": 85`, "optimal", "optimality is claimed with a gap of -1"},
		"bound":        {"--floor=7:35%", "certificate.json", `"bound": 84`, `"bound": 83`, "optimal", "optimality is claimed with a gap of -1"},
		"unkept":       {"--floor=7:35%", "allocation.csv", "n2,r1,4", "n2,r1,3", "floor", "claims that they get 4, but they get 3"},
		"ward moved":   {"--floor=7:35%", "needs.csv", "n4,,", "n4,1,", "input", "is of another input"},
		"ward renamed": {"--floor=7:35%", "needs.csv", "n3,7,", "n3,8,", "floor", "claims that 10 are wanted there, but it is 4"},
		"no wards":     {"--floor=7:35%", "needs.csv", wardNeeds, "id,quantity\nn1,6\nn2,4\nn3,6\nn4,2\n", "floor", "no column ward"},
		"tier value":   {"--tiers", "certificate.json", `"value": 28`, `"value": 27`, "tier", "tier 1: value is claimed to be 27, but is 28"},
		"tier of need": {"--tiers", "needs.csv", "n1,1,2", "n1,1,3", "tier", "tier 2: value is claimed to be 56, but is 0"},
		"tier bound":   {"--tiers", "certificate.json", `"bound": 28`, `"bound": 29`, "tier", "tier 1: optimality is claimed with a gap of 1"},
		"tier bonus":   {"--tiers", "certificate.json", `"bonus": 97`, `"bonus": 0`, "tier", "tier 2: bound is claimed to be 56, but is"},
		"tier price":   {"--tiers", "proofs.csv", "tier 1,need,n2,7", "tier 1,need,n2,6", "tier", `resource "r1" is worth 7, more than its prices 6 + 0`},
		"tier proof":   {"--tiers", "proofs.csv", "tier 1,need,n2,7\n", "", "tier", `resource "r1" is worth 7, more than its prices 0 + 0`},
		"tier later":   {"--tiers", "allocation.csv", "n2,r1,4", "n2,r1,3", "tier", "tier 1: value is claimed to be 28, but is 21"},
		"tier unknown": {"--tiers", "proofs.csv", "tier 1,need,n2", "tier 4,need,n2", "file", `proof is "tier 4", want one of what the certificate has`},
		"tier gone":    {"--tiers", "needs.csv", "n4,,3", "n4,,2", "tier", "want the tiers of the needs in order"},
	} {
		t.Run(name, func(t *testing.T) {
			input := wardTables(t)
			dir, _ := favouredFolder(t, input, c.args)
			spoil(t, input, dir, c.file, c.old, c.new)
			out, code, err := runCommand(t, append([]string{"verify-run", dir, "--json"}, input...)...)
			require.Equal(t, 1, code)
			require.ErrorContains(t, err, c.says)
			require.Contains(t, out, `"rule":"`+c.rule+`"`)
		})
	}
}

func TestSolveRefusesBadFairness(t *testing.T) {
	const noTable = "" // which is not read
	for name, c := range map[string]struct {
		needs string
		args  []string
		says  string
	}{
		"no share":      {wardNeeds, []string{"--floor", "7"}, `--floor "7": want wards and a share`},
		"no per cent":   {noTable, []string{"--floor", "7:30"}, "want wards and a share"},
		"too much":      {wardNeeds, []string{"--floor", "7:101%"}, "at least 0.0001 and at most 100 %"},
		"nothing":       {wardNeeds, []string{"--floor", "7:0%"}, "at least 0.0001 and at most 100 %"},
		"next to it":    {wardNeeds, []string{"--floor", "7:1e-9%"}, "at least 0.0001 and at most 100 %"},
		"empty ward":    {wardNeeds, []string{"--floor", "7,:35%"}, "a ward has no name"},
		"65 floors":     {wardNeeds, slices.Repeat([]string{"--floor", "7:10%"}, 65), "65 of them, want at most 64"},
		"not a number":  {wardNeeds, []string{"--floor", "7:NaN%"}, "at least 0.0001 and at most 100 %"},
		"unknown ward":  {wardNeeds, []string{"--floor", "77:30%"}, `needs.csv: no need is in ward "77"; did you mean "7"?`},
		"ward twice":    {wardNeeds, []string{"--floor", "7,7:30%"}, `ward "7" is named twice`},
		"no ward known": {"id,quantity\nn1,6\nn2,4\nn3,6\nn4,2\n", []string{"--floor", "7:30%"}, "needs.csv has no column ward"},
		"no tier known": {"id,quantity\nn1,6\nn2,4\nn3,6\nn4,2\n", []string{"--tiers"}, "needs.csv has no column tier"},
		"both":          {noTable, []string{"--tiers", "--floor", "7:30%"}, "want one of them"},
		"deadline":      {noTable, []string{"--tiers", "--deadline", "2s"}, "--deadline"},
		"tier in words": {strings.Replace(wardNeeds, "n2,7,1", "n2,7,high", 1), nil, `needs.csv:3: tier is "high": want a whole number from 0`},
		"negative tier": {strings.Replace(wardNeeds, "n2,7,1", "n2,7,-1", 1), nil, `needs.csv:3: tier is "-1"`},
		"a column more": {"id,quantity,colour\n", nil, `needs.csv:1: the header line has a column "colour", want id,quantity[,ward][,tier][,weight]`},
	} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			args := append([]string{"solve", "--out", filepath.Join(parent, "out")}, tables(t, c.needs, wardResources, wardEdges)...)
			_, code, err := runCommand(t, append(args, c.args...)...)
			require.ErrorContains(t, err, c.says)
			require.Equal(t, 2, code)
			left, err := os.ReadDir(parent)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

// The name of a ward may hold a colon: the last one is before the share.
func TestSolveKeepsFloorsOfWardsWithColons(t *testing.T) {
	needs := strings.ReplaceAll(wardNeeds, ",7,", ",Ward: 7,")
	_, c := favouredFolder(t, tables(t, needs, wardResources, wardEdges), "--floor", "Ward: 7:35%")
	require.Equal(t, []string{"Ward: 7"}, c.Floors[0].Wards)
}

// A need may want far more than anybody has. What counts is what it gets.
func TestSolveKeepsFloorsOfWildNeeds(t *testing.T) {
	needs, edges := "id,ward,quantity\nn1,1,6000000\nn7,7,1099511627776\n", "need,resource,value\nn1,r1,500000\nn7,r1,1\n"
	args := []string{"--floor", "7:0.0005%"}
	for _, ward := range strings.Split("abcdefg", "") {
		needs += ward + "," + ward + ",1\n"
		edges += ward + ",r1,1\n"
		args = append(args, "--floor", ward+":100%")
	}
	input := tables(t, needs, "id,quantity\nr1,6000000\n", edges)
	dir, c := favouredFolder(t, input, args...)
	require.Equal(t, []int64{5497559, 499999}, []int64{c.Floors[0].Reached, c.Floors[0].Bonus})
	_, code, err := runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.NoError(t, err)
	require.Zero(t, code)

	path := filepath.Join(dir, "certificate.json")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	spoilt := strings.Replace(string(text), `"bonus": 499999`, `"bonus": 1099511627776`, 1)
	require.NoError(t, os.WriteFile(path, []byte(spoilt), 0o600))
	_, code, err = runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.ErrorContains(t, err, "a bonus of 1099511627776 for each of 5497559: all bonuses together exceed 2^62")
	require.Equal(t, 1, code)
}

func TestSolveServesWildNeedsInOrder(t *testing.T) {
	input := tables(t, "id,tier,quantity\nn1,1,1099511627776\nn2,2,3\n", "id,quantity\nr1,6\n", "need,resource,value\nn1,r1,1\nn2,r1,4\n")
	_, c := favouredFolder(t, input, "--tiers")
	require.Equal(t, []int64{6, 0}, []int64{c.Tiers[0].Value, c.Tiers[1].Value})
}

// Numbers that each table may hold, and that floors or a strict order cannot do with, are refused in words about them.
func TestSolveRefusesNumbersThatLeaveNoRoom(t *testing.T) {
	for says, c := range map[string]struct{ quantity, value, flag string }{
		"the largest value or charge is 1099511627776: a floor's bonus may be four times as much, and the two together at most 2^40; " +
			"scale values and charges down to at most 219902325555, or less where floors compete": {"6", "1099511627776", "--floor=7:50%"},
		"the value of tier 1 (quantity x value) may reach 2^39": {"1000000", "600000", "--tiers"},
	} {
		input := tables(t, "id,ward,tier,quantity\nn1,1,1,"+c.quantity+"\nn2,7,2,6\n", "id,quantity\nr1,"+c.quantity+"\n",
			"need,resource,value\nn1,r1,"+c.value+"\nn2,r1,1\n")
		_, code, err := runCommand(t, append([]string{"solve", "--out", filepath.Join(t.TempDir(), "out"), c.flag}, input...)...)
		require.ErrorContains(t, err, says)
		require.Equal(t, 2, code)
	}
}

// With trips a tier's bound is one on what it could make of what is left, and is proven as well.
func TestSolveProvesTiersWithTrips(t *testing.T) {
	trips := strings.NewReplacer("value\n", "value,charge\n", "0\n", "0,4\n", "5\n", "5,4\n", "6\n", "6,7\n", "7\n", "7,6\n", "9\n", "9,5\n")
	input := tables(t, wardNeeds, wardResources, trips.Replace(wardEdges))
	dir, c := favouredFolder(t, input, "--tiers")
	require.Equal(t, []int64{22, 24}, []int64{c.Tiers[0].Value, c.Tiers[0].Bound}, "a trip of 6 for 4 units is 1 a unit at least")
	_, _, err := runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.NoError(t, err)
	spoil(t, input, dir, "proofs.csv", "tier 1,need,n2,6", "tier 1,need,n2,5")
	_, code, err := runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.ErrorContains(t, err, "tier 1: the edge of need \"n2\" and resource \"r1\" is worth 6, more than its prices 5 + 0")
	require.Equal(t, 1, code)
}

// A snapshot is of a matching run, and no run leaves a result of this kind.
func TestASnapshotIsOfARun(t *testing.T) {
	input := tables(t, "id,ward,tier,weight,quantity\nn1,1,2,1.5,6\nn2,7,1,1,4\n", wardResources, "need,resource,value\nn1,r1,10\nn2,r1,7\n")
	for _, args := range [][]string{{"--floor", "7:35%"}, {"--tiers"}, {"--weights"}} {
		dir, _ := favouredFolder(t, input, args...)
		for _, command := range [][]string{append([]string{"verify-run", dir}, input...), {"explain", dir, "--need", "n1"}} {
			_, code, err := runCommand(t, append(command, "--snapshot", filepath.Join(dir, "none.json"))...)
			require.ErrorContains(t, err, "--snapshot: "+dir+" was solved with "+args[0]+", as no matching run is")
			require.Equal(t, 2, code)
		}
	}
}
