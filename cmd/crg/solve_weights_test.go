package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching/explain"
)

// By value alone the one van goes to n1. n2's units count one and a half, which makes 10.5 of 7: 11, rounded half up.
const (
	weightNeeds = "id,quantity,weight,ward,tier\nn1,4,1,1,1\nn2,4,1.5,7,2\nn3,2,0,1,1\n"
	weightStock = "id,quantity\nvan,4\nhall,2\n"
	weightEdges = "need,resource,value\nn1,van,10\nn2,van,7\nn3,hall,9\n"
)

// Values count by weight. What the allocation is worth to the city without stands beside, proven, and is explained.
func TestSolveCountsByWeight(t *testing.T) {
	input := tables(t, weightNeeds, weightStock, weightEdges)
	_, plain := favouredFolder(t, input)
	require.Nil(t, plain.Unweighted)
	require.Equal(t, int64(58), plain.Value)

	dir, c := favouredFolder(t, input, "--weights")
	require.Equal(t, []int64{44, 44, 0}, []int64{c.Value, c.Bound, c.Gap})
	require.Equal(t, &edgelist.Unweighted{Value: 28, Bound: 58}, c.Unweighted)
	allocation, err := os.ReadFile(filepath.Join(dir, "allocation.csv"))
	require.NoError(t, err)
	require.Equal(t, "need,resource,quantity\nn2,van,4\n", string(allocation))
	rows := strings.SplitAfter(weightNeeds, "\n")
	_, again := favouredFolder(t, tables(t, rows[0]+rows[3]+rows[1]+rows[2], weightStock, weightEdges), "--weights", "--workers=1")
	require.Equal(t, c, again, "whatever the order of the rows")

	text, code, err := runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.NoError(t, err)
	require.Zero(t, code)
	require.Contains(t, text, "holds: worth 44; optimal")
	require.Contains(t, text, "values count by weight: without weights it is worth 28, and no allocation more than 58\n")
	for _, c := range [][]string{
		{"--need=n1", "it was 1 short; it went to n2 (4), whose weight is 1.5. Amounts count by weight, which is 1 for this need."},
		{"--need=n2", "Without the need's weight of 1.5 a unit is worth 7."},
		{"--need=n3", "a unit on its 1 edge would be worth nothing. Amounts count by weight, which is 0 for this need."},
		{"--need=n1", "--resource=van", "n2 has 4 of it at 11, whose weight is 1.5."},
		{"--need=n3", "--resource=hall", "a unit of it would be worth 0. Amounts count by weight, which is 0 for this need."},
		{"--need=n2", "--json", `"unweighted":7,"weight":1500000`},
	} {
		text, _, err = runCommand(t, append([]string{"explain", dir}, c[:len(c)-1]...)...)
		require.NoError(t, err)
		require.Contains(t, text, c[len(c)-1])
	}
}

// Weights go with floors, with an order, with trips, with a deadline, and with a warm start.
func TestSolveCountsByWeightBesideOthers(t *testing.T) {
	trips := strings.NewReplacer("value\n", "value,charge\n", "10\n", "10,5\n", "7\n", "7,5\n", "9\n", "9,5\n").Replace(weightEdges)
	for _, c := range []struct {
		edges      string
		args       []string
		value      int64
		unweighted edgelist.Unweighted
	}{
		{weightEdges, []string{"--floor=1:50%"}, 43, edgelist.Unweighted{Value: 49, Bound: 58}}, // 2 of them are n3's, at nothing
		{weightEdges, []string{"--tiers"}, 40, edgelist.Unweighted{Value: 40, Bound: 58}},
		{trips, nil, 39, edgelist.Unweighted{Value: 23, Bound: 50}}, // trips spread: 9 x 4 + 7 x 2
		{weightEdges, []string{"--deadline=1h"}, 44, edgelist.Unweighted{Value: 28, Bound: 58}},
	} {
		input := tables(t, weightNeeds, weightStock, c.edges)
		dir, found := favouredFolder(t, input, append(c.args, "--weights")...)
		require.Equal(t, c.value, found.Value, c)
		require.Equal(t, &c.unweighted, found.Unweighted, c)
		_, _, err := runCommand(t, append([]string{"verify-run", dir}, input...)...)
		require.NoError(t, err)
		_, warm := favouredFolder(t, input, append(c.args, "--weights", "--warm-from", dir)...)
		require.Equal(t, found.Unweighted, warm.Unweighted)
	}
}

func TestVerifyRunChecksWeights(t *testing.T) {
	const said = "\"unweighted\": {\n    \"value\": 28,\n    \"bound\": 58\n  },"
	for name, c := range map[string]struct{ file, old, new, rule, says string }{
		"denied":       {"certificate.json", said, "", "edge", "more than its prices"},
		"value":        {"certificate.json", `"value": 28`, `"value": 29`, "sum", "without weights: value is claimed to be 29, but is 28"},
		"bound":        {"certificate.json", `"bound": 58`, `"bound": 57`, "sum", "without weights: bound is claimed to be 57, but is 58"},
		"price":        {"proofs.csv", "van,10", "van,9", "edge", `without weights: the edge of need "n1" and resource "van" is worth 10, more`},
		"price up":     {"proofs.csv", "van,10", "van,11", "sum", "without weights: bound is claimed to be 58, but is 62"},
		"price gone":   {"proofs.csv", "unweighted,resource,van,10\n", "", "edge", "without weights"},
		"price twice":  {"proofs.csv", "unweighted,resource,van,10\n", "unweighted,resource,van,10\nunweighted,resource,van,10\n", "price", "has two prices"},
		"price of 0":   {"proofs.csv", "van,10", "van,0", "price", "price is 0, too small"},
		"other proof":  {"proofs.csv", "unweighted,resource,van", "tier 1,resource,van", "file", `proof is "tier 1"`},
		"other side":   {"proofs.csv", "resource,van", "needs,van", "file", `side is "needs"`},
		"unknown":      {"proofs.csv", "resource,van", "resource,bus", "file", `resource "bus" is not in the input`},
		"weight":       {"needs.csv", "1.5", "1.6", "input", "is of another input"},
		"weight less":  {"needs.csv", "1.5", "0.5", "sum", "value is claimed to be 44, but is 16"},
		"no weights":   {"needs.csv", weightNeeds, "id,quantity\nn1,4\nn2,4\nn3,2\n", "weight", "no column weight"},
		"weights huge": {"edges.csv", "n2,van,7", "n2,van,1099511627776", "weight", `too large for the weight 1.5 of need "n2"`},
	} {
		t.Run(name, func(t *testing.T) {
			input := tables(t, weightNeeds, weightStock, weightEdges)
			dir, _ := favouredFolder(t, input, "--weights")
			spoil(t, input, dir, c.file, c.old, c.new)
			out, code, err := runCommand(t, append([]string{"verify-run", dir, "--json"}, input...)...)
			require.ErrorContains(t, err, c.says)
			require.Equal(t, 1, code)
			require.Contains(t, out, `"rule":"`+c.rule+`"`)
		})
	}
	input := tables(t, weightNeeds, weightStock, weightEdges)
	dir, _ := favouredFolder(t, input, "--weights")
	require.NoError(t, os.Remove(filepath.Join(dir, "proofs.csv")))
	_, code, err := runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.ErrorContains(t, err, "proofs.csv: cannot be read")
	require.Equal(t, 1, code)
}

func TestSolveRefusesBadWeights(t *testing.T) {
	with := func(weight string) string { return strings.Replace(weightNeeds, "1.5", weight, 1) }
	for name, c := range map[string]struct{ needs, edges, says string }{
		"in words":   {with("high"), weightEdges, `needs.csv:3: weight is "high": want a number from 0 to 1000 with at most six decimals, such as 1.5`},
		"empty":      {with(""), weightEdges, `needs.csv:3: weight is ""`},
		"negative":   {with("-1"), weightEdges, `needs.csv:3: weight is "-1"`},
		"negative 0": {with("-0.5"), weightEdges, `needs.csv:3: weight is "-0.5"`},
		"too fine":   {with("1.2345678"), weightEdges, `needs.csv:3: weight is "1.2345678"`},
		"too large":  {with("1000.000001"), weightEdges, `needs.csv:3: weight is "1000.000001"`},
		"far larger": {with("10000000"), weightEdges, `needs.csv:3: weight is "10000000"`},
		"exponent":   {with("1e3"), weightEdges, `needs.csv:3: weight is "1e3"`},
		"a point":    {with("1."), weightEdges, `needs.csv:3: weight is "1."`},
		"no column":  {"id,quantity\nn1,6\nn2,4\nn3,6\n", weightEdges, "--weights: "},
		"overflow": {
			weightNeeds, strings.Replace(weightEdges, "n2,van,7", "n2,van,5\nn2,van,1099511627776", 1),
			`edges.csv:4: value is 1099511627776, too large for the weight 1.5 of need "n2": want at most 733007751850`,
		},
		"overflow of a number with zeros": {
			weightNeeds, strings.Replace(weightEdges, "n2,van,7", "n2,van,007\nn2,van,01099511627776", 1),
			`edges.csv:4: value is 1099511627776, too large for the weight 1.5 of need "n2": want at most 733007751850`,
		},
		"overflow below 0": {
			weightNeeds, strings.Replace(weightEdges, "n2,van,7", "n2,van,-733007751851", 1),
			`edges.csv:3: value is -733007751851, too large for the weight 1.5`,
		},
		"overflow of a sum": {
			"id,quantity,weight\nn1,1099511627776,1000\nn2,4,1\nn3,2,1\n", strings.Replace(weightEdges, "n1,van,10", "n1,van,1000000", 1),
			"the total value (quantity x value) may exceed 2^62: scale values or quantities down",
		},
	} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			stock := weightStock
			if name == "overflow of a sum" {
				stock = strings.Replace(stock, "van,4", "van,1099511627776", 1)
			}
			_, code, err := runCommand(t, append([]string{"solve", "--weights", "--out", filepath.Join(parent, "out")},
				tables(t, c.needs, stock, c.edges)...)...)
			require.ErrorContains(t, err, c.says)
			require.Equal(t, 2, code)
			left, err := os.ReadDir(parent)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
	// The largest value that a weight leaves room for, and weights that nobody asks for.
	edges := strings.Replace(weightEdges, "n2,van,7", "n2,van,733007751850", 1)
	_, c := favouredFolder(t, tables(t, weightNeeds, "id,quantity\nvan,1\nhall,2\n", edges), "--weights")
	require.Equal(t, int64(1)<<40-1, c.Value)
	_, c = favouredFolder(t, tables(t, weightNeeds, weightStock, strings.Replace(weightEdges, "n2,van,7", "n2,van,1099511627776", 1)))
	require.Nil(t, c.Unweighted)
}

// What is worth nothing may keep a floor all the same. Then it was matched, and that is what is said of it; and nobody says
// that it costs nothing to take from a floor what it is kept by.
func TestExplainWhatAFloorIsKeptBy(t *testing.T) {
	input := tables(t, "id,ward,weight,quantity\na,1,0,2\nb,2,1,2\nc,3,1,1\n", "id,quantity\nr1,1\nr2,2\n",
		"need,resource,value\na,r1,5\nb,r2,9\nc,r2,5\n")
	dir, certificate := favouredFolder(t, input, "--weights", "--floor", "1:50%", "--floor", "2:100%")
	require.Zero(t, certificate.Floors[0].Bonus+certificate.Floors[1].Bonus)
	for says, args := range map[string][]string{
		"a gets 1 of 2: nothing that it could have pays by itself, and the floor of its ward asks for no more. Amounts count by weight, which is 0 for this need.\n" +
			"a gets 1 from r1: a unit scores 0, which does not pay by itself, but keeps a floor; 0 in all.": {"--need", "a"},
		"a unit scores 0, which does not pay by itself, but keeps a floor; 0 in all.":                               {"--need", "a", "--resource", "r1"},
		"loses 4 at least. The allocation that was found with it leaves the floor of ward 2 short of 1. Instead, b": {"--need", "c", "--resource", "r2"},
	} {
		out, _, err := runCommand(t, append([]string{"explain", dir}, args...)...)
		require.NoError(t, err)
		require.Contains(t, out, says)
	}
	out, _, err := runCommand(t, "explain", dir, "--json", "--need", "c", "--resource", "r2")
	require.NoError(t, err)
	var pair explain.Pair
	require.NoError(t, json.Unmarshal([]byte(out), &pair))
	require.Nil(t, pair.LossExact)
	require.Equal(t, []explain.Lack{{Floor: "ward 2", Units: 1}}, pair.Lacks)
	out, _, err = runCommand(t, "explain", dir, "--json", "--need", "a")
	require.NoError(t, err)
	var need explain.Need
	require.NoError(t, json.Unmarshal([]byte(out), &need))
	require.Equal(t, explain.FloorKept, need.Reason)
	out, _, err = runCommand(t, "explain", dir, "--json", "--need", "c")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(out), &need))
	require.EqualValues(t, 1_000_000, need.Weight)
}
