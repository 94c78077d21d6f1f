package edgelist_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching"
)

const (
	someNeeds     = "id,quantity\nn1,3\nn2,2\n"
	someResources = "id,quantity\nr1,2\nr2,2\n"
	someEdges     = "need,resource,value\nn1,r1,10\nn1,r2,7\nn2,r1,6\nn2,r2,4\n"
)

// files writes the three tables into a folder of the test's own.
func files(t *testing.T, needs, resources, edges string) edgelist.Files {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	return edgelist.Files{
		Needs: write("needs.csv", needs), Resources: write("resources.csv", resources), Edges: write("edges.csv", edges),
	}
}

func read(t *testing.T, needs, resources, edges string) *edgelist.Instance {
	t.Helper()
	in, err := edgelist.Read(files(t, needs, resources, edges), 2)
	require.NoError(t, err)
	return in
}

func TestReadBringsRowsIntoCanonicalOrder(t *testing.T) {
	t.Parallel()
	in := read(t, "quantity,id\n5,n10\n3,n9\n0,n1\n", "id,quantity\nb,1\na,2\n",
		"value,need,resource\n7,n10,b\n-3,n9,b\n1,n10,a\n2,n9,a\n9,n10,b\n8,n10,b\n")
	require.Equal(t, []string{"n1", "n9", "n10"}, in.Needs)
	require.Equal(t, []string{"a", "b"}, in.Resources)
	require.Equal(t, &matching.Problem{
		NeedQuantity: []int64{0, 3, 5}, ResourceQuantity: []int64{2, 1}, RowStart: []int32{0, 0, 2, 4},
		Edges: []matching.Edge{{Resource: 0, Value: 2}, {Resource: 1, Value: -3}, {Resource: 0, Value: 1}, {Resource: 1, Value: 9}},
	}, in.Problem, "of the three edges n10-b the largest value counts")
}

func TestReadAcceptsEveryKindOfCSV(t *testing.T) {
	t.Parallel()
	plain := read(t, someNeeds, someResources, someEdges)
	windows := strings.NewReplacer("\n", "\r\n")
	for name, in := range map[string]*edgelist.Instance{
		"carriage returns": read(t, windows.Replace(someNeeds), windows.Replace(someResources), windows.Replace(someEdges)),
		"byte order mark":  read(t, "\xef\xbb\xbf"+someNeeds, "\xef\xbb\xbf"+someResources, "\xef\xbb\xbf"+someEdges),
		"blank lines":      read(t, someNeeds+"\n\n", "id,quantity\n\nr1,2\n\nr2,2\n", someEdges+"\n"),
		"quotes":           read(t, "\"id\",quantity\n\"n1\",3\nn2,\"2\"\n", someResources, strings.ReplaceAll(someEdges, "n1", `"n1"`)),
		"leading zeros":    read(t, "id,quantity\nn1,003\nn2,2\n", someResources, someEdges),
		"other columns' order": read(t, someNeeds, someResources,
			"resource,value,need\nr1,10,n1\nr2,7,n1\nr1,6,n2\nr2,4,n2\n"),
	} {
		require.Equal(t, plain, in, name)
		require.Equal(t, plain.Digest(), in.Digest(), name)
	}
}

func TestReadKeepsStrangeIDs(t *testing.T) {
	t.Parallel()
	in := read(t, "id,quantity\n\"a,b\",1\n\"say \"\"hi\"\"\",2\na-very-long-id-of-a-need-0001,3\nÄpfel,4\n\"two\nlines\",5\n", someResources,
		"need,resource,value\n\"a,b\",r1,1\n\"say \"\"hi\"\"\",r1,2\na-very-long-id-of-a-need-0001,r2,3\nÄpfel,r2,4\n\"two\nlines\",r2,5\n")
	require.Equal(t, []string{"a,b", "Äpfel", "say \"hi\"", "two\nlines", "a-very-long-id-of-a-need-0001"}, in.Needs)
	for i := range in.Needs {
		require.Len(t, in.Problem.Row(i), 1)
	}
}

func TestReadCharges(t *testing.T) {
	t.Parallel()
	in := read(t, someNeeds, someResources, "need,resource,value,charge\nn1,r2,7,30\nn1,r1,10,5\nn1,r2,7,20\nn1,r2,6,1\n")
	require.Equal(t, []int64{5, 20}, in.Problem.Charges, "of equal values the smaller charge counts")
}

func TestReadEmptyTables(t *testing.T) {
	t.Parallel()
	in := read(t, "id,quantity\n", "id,quantity", "need,resource,value\n")
	require.Empty(t, in.Needs)
	require.Empty(t, in.Resources)
	require.Empty(t, in.Problem.Edges)
}

// Many rows, of which some have to be read the slow way, over several pieces of the file.
func TestReadLargeFiles(t *testing.T) {
	t.Parallel()
	var needs, edges strings.Builder
	needs.WriteString("id,quantity\n")
	edges.WriteString("need,resource,value\n")
	const count = 60_000
	for i := range count {
		id := "n" + strings.Repeat("x", i%7) + itoa(i)
		needs.WriteString(id + ",1\n")
		edges.WriteString(id + ",r1," + itoa(i) + "\n" + id + ",r2," + itoa(-i) + "\n")
	}
	f := files(t, needs.String(), someResources, edges.String())
	one, err := edgelist.Read(f, 1)
	require.NoError(t, err)
	require.Len(t, one.Problem.Edges, 2*count)
	for _, workers := range []int{2, 5} {
		more, err := edgelist.Read(f, workers)
		require.NoError(t, err)
		require.Equal(t, one.Problem, more.Problem)
		require.Equal(t, one.Needs, more.Needs)
	}
	wrong := strings.Replace(edges.String(), ",r2,-59000\n", ",r2,-59000x\n", 1)
	_, err = edgelist.Read(files(t, needs.String(), someResources, wrong), 3)
	require.ErrorContains(t, err, `edges.csv:118003: value is "-59000x"`)
}

func itoa(i int) string {
	if i < 0 {
		return "-" + itoa(-i)
	}
	if i < 10 {
		return string(rune('0' + i))
	}
	return itoa(i/10) + itoa(i%10)
}

func TestReadNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ needs, resources, edges, says string }{
		"negative quantity":   {"id,quantity\nn1,-3\n", someResources, someEdges, "needs.csv:2: quantity is -3, too small: want a whole number from 0"},
		"fraction":            {"id,quantity\nn1,3\nn2,2.5\n", someResources, someEdges, `needs.csv:3: quantity is "2.5": want a whole number`},
		"exponent":            {someNeeds, "id,quantity\nr1,1e3\n", someEdges, `resources.csv:2: quantity is "1e3"`},
		"word":                {someNeeds, "id,quantity\nr1,many\n", someEdges, `resources.csv:2: quantity is "many"`},
		"nothing":             {someNeeds, "id,quantity\nr1,\n", someEdges, `resources.csv:2: quantity is ""`},
		"space":               {someNeeds, "id,quantity\nr1, 2\n", someEdges, `resources.csv:2: quantity is " 2"`},
		"too large quantity":  {"id,quantity\nn1,1099511627777\n", someResources, someEdges, "needs.csv:2: quantity is 1099511627777, too large"},
		"too large for int64": {"id,quantity\nn1,99999999999999999999\n", someResources, someEdges, "needs.csv:2: quantity is"},
		"too large value":     {someNeeds, someResources, "need,resource,value\nn1,r1,1099511627777\n", "edges.csv:2: value is 1099511627777, too large"},
		"fractional value":    {someNeeds, someResources, "need,resource,value\nn1,r1,4\nn1,r2,1.5\n", `edges.csv:3: value is "1.5"`},
		"empty id":            {"id,quantity\n,3\n", someResources, someEdges, "needs.csv:2: id is empty"},
		"id twice":            {"id,quantity\nn1,3\nn2,1\nn1,4\n", someResources, someEdges, `needs.csv:4: id "n1" occurs twice, first in line 2`},
		"unknown need":        {someNeeds, someResources, "need,resource,value\nn1,r1,4\nn7,r1,4\n", `edges.csv:3: need "n7" is not in the table of needs`},
		"empty need":          {"id,quantity\na-need-with-a-long-id,1\n", someResources, "need,resource,value\n,r1,4\n", `edges.csv:2: need "" is not`},
		"unknown resource":    {someNeeds, someResources, "need,resource,value\nn1,r9,4\n", `edges.csv:2: resource "r9" is not in the table of resources`},
		"missing column":      {"id\nn1\n", someResources, someEdges, `needs.csv:1: the header line has no column "quantity"`},
		"unknown column":      {someNeeds, someResources, "need,resource,value,charges\n", `edges.csv:1: the header line has a column "charges"`},
		"column twice":        {"id,quantity,id\n", someResources, someEdges, `needs.csv:1: the header line has a column "id"`},
		"no header":           {"n1,3\nn2,2\n", someResources, someEdges, `needs.csv:1: the header line has a column "n1"`},
		"empty file":          {"", someResources, someEdges, `needs.csv:1: the header line is missing`},
		"truncated in a row":  {someNeeds, someResources, "need,resource,value\nn1,r1,4\nn1,r", `edges.csv:3: the last line does not end in a newline`},
		"truncated number":    {someNeeds, someResources, "need,resource,value\nn1,r1,4\nn1,r2,12", "edges.csv:3: the last line does not end in a newline"},
		"truncated, quoted":   {someNeeds, someResources, "need,resource,value\n\"n1\",r1,4\nn1,r2,12", "edges.csv:3: the last line does not end in a newline"},
		"open quote":          {someNeeds, someResources, "need,resource,value\nn1,r1,4\n\"n1,r2,12\n", "edges.csv:3: "},
		"too few fields":      {someNeeds, someResources, "need,resource,value\nn1,4\n", `edges.csv:2: has 2 fields, want 3 ("n1,4")`},
		"too many fields":     {someNeeds, someResources, "need,resource,value\nn1,r1,4,5\n", "edges.csv:2: has 4 fields, want 3"},
		"negative charge":     {someNeeds, someResources, "need,resource,value,charge\nn1,r1,4,-1\n", "edges.csv:2: charge is -1, too small"},
		"a line in an id":     {"id,quantity\n\"n\nn\",1\n", someResources, "need,resource,value\nn\nn,r1,4\n", "edges.csv:2: has 1 fields, want 3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := edgelist.Read(files(t, c.needs, c.resources, c.edges), 2)
			var input *edgelist.InputError
			require.ErrorAs(t, err, &input)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestReadMissingFile(t *testing.T) {
	t.Parallel()
	f := files(t, someNeeds, someResources, someEdges)
	f.Edges += ".gone"
	_, err := edgelist.Read(f, 1)
	var input *edgelist.InputError
	require.ErrorAs(t, err, &input)
	require.ErrorContains(t, err, "edges.csv.gone: cannot be read: no such file")
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(someNeeds), []byte(someResources), []byte(someEdges))
	f.Add([]byte("id,quantity\n\"a,b\",1\n"), []byte("quantity,id\r\n1,x\r\n"), []byte("need,resource,value,charge\n\"a,b\",x,1,2\n"))
	f.Fuzz(func(t *testing.T, needs, resources, edges []byte) {
		in, err := edgelist.Read(files(t, string(needs), string(resources), string(edges)), 2)
		if err != nil {
			var input *edgelist.InputError
			require.ErrorAs(t, err, &input)
			return
		}
		var overflow *matching.OverflowError
		if err := in.Problem.Validate(); !errors.As(err, &overflow) {
			require.NoError(t, err)
		}
	})
}
