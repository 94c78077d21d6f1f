package edgelist_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/edgelist"
)

// Whatever form ids and numbers have, and whichever way they are read therefore, every row is found again, and a
// stranger that looks alike is none of them.
func TestReadFindsEveryFormOfID(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		forms := []string{`n[1-9][0-9]?`, `[0-9]{1,3}`, `n0?[1-9]`, `[a-c]?[1-9]`, `id-[1-9]{1,8}`, `7x[1-3]{1,7}`}
		id := rapid.StringMatching(rapid.SampledFrom(forms).Draw(r, "form"))
		needs := rapid.SliceOfNDistinct(id, 1, 12, rapid.ID[string]).Draw(r, "needs")
		digits := rapid.StringMatching(`-?0{0,2}[0-9]{1,9}`)
		end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(r, "end")
		var table, edges strings.Builder
		table.WriteString("id,quantity\n")
		edges.WriteString("need,resource,value\n")
		value := map[string]int64{}
		for _, need := range needs {
			text := digits.Draw(r, "value")
			fmt.Fprintf(&table, "%s,1%s", need, end)
			fmt.Fprintf(&edges, "%s,r1,%s%s", need, text, end)
			n, err := strconv.ParseInt(text, 10, 64)
			require.NoError(r, err)
			value[need] = n
		}
		in := read(t, table.String(), someResources, edges.String())
		require.Len(r, in.Needs, len(needs))
		for i, need := range in.Needs {
			require.Equal(r, value[need], in.Problem.Row(i)[0].Value, need)
		}
		stranger := id.Draw(r, "stranger")
		if _, known := value[stranger]; known {
			return
		}
		_, err := edgelist.Read(files(t, table.String(), someResources, edges.String()+stranger+",r1,1\n"+strings.Repeat("\n", 32)), 1)
		require.ErrorContains(r, err, fmt.Sprintf("edges.csv:%d: need %q is not in the table of needs", len(needs)+2, stranger))
	})
}

// Rows of all lengths in any order, with pairs that occur several times.
func TestReadSortsRowsOfAnyLength(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		const resources = 200
		var table, edges strings.Builder
		table.WriteString("id,quantity\n")
		for k := range resources {
			fmt.Fprintf(&table, "%d,1\n", k)
		}
		best := map[int]int64{}
		edges.WriteString("need,resource,value\n")
		for _, k := range rapid.SliceOfN(rapid.IntRange(0, resources-1), 0, 150).Draw(r, "row") {
			v := rapid.Int64Range(-5, 5).Draw(r, "value")
			fmt.Fprintf(&edges, "n1,%d,%d\n", k, v)
			if old, known := best[k]; !known || v > old {
				best[k] = v
			}
		}
		row := read(t, "id,quantity\nn1,1\n", table.String(), edges.String()).Problem.Row(0)
		require.Len(r, row, len(best))
		for k, e := range row {
			require.True(r, k == 0 || row[k-1].Resource < e.Resource, "ascending")
			require.Equal(r, best[int(e.Resource)], e.Value)
		}
	})
}
