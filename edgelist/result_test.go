package edgelist_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching"
)

// solveInto solves the files and writes the result folder.
func solveInto(t *testing.T, f edgelist.Files, dir string, o matching.Options) *edgelist.Instance {
	t.Helper()
	in, err := edgelist.Read(f, o.Workers)
	require.NoError(t, err)
	s, err := matching.Solve(context.Background(), in.Problem, o)
	require.NoError(t, err)
	out, err := edgelist.Prepare(dir)
	require.NoError(t, err)
	defer out.Discard()
	require.NoError(t, out.Commit(&edgelist.Result{Instance: in, Solution: s, Digest: in.Digest()}))
	return in
}

// contents reads a result folder, less the one file that says where the input lies.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	all := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		all[e.Name()] = string(text)
	}
	require.Contains(t, all, edgelist.InputsFile)
	delete(all, edgelist.InputsFile)
	return all
}

func TestResultOfTheExample(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	in := solveInto(t, files(t, someNeeds, someResources, someEdges), dir, matching.Options{})
	all := contents(t, dir)
	require.Len(t, all, 4)
	require.Equal(t, "need,resource,quantity\nn1,r1,2\nn1,r2,1\nn2,r2,1\n", all[edgelist.AllocationFile])
	require.Equal(t, "side,id,price\nneed,n1,3\nneed,n2,0\nresource,r1,7\nresource,r2,4\n", all[edgelist.PricesFile])
	require.JSONEq(t, `{"value":31,"bound":31,"gap":0,"optimal":true,"input_sha256":"`+in.Digest()+`","engine_version":"`+
		matching.Version+`","config":{"charges":false,"warm":false,"stopped":false}}`, all[edgelist.CertificateFile])
	c, err := edgelist.Verify(dir, in)
	require.NoError(t, err)
	require.EqualValues(t, 31, c.Value)
}

// Every byte is the same for any number of workers and any order of the input's rows.
func TestResultDependsOnContentAlone(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var needs, resources, edges []string
	for i := range 400 {
		needs = append(needs, "n"+itoa(i)+","+itoa(r.IntN(9)))
		resources = append(resources, "r"+itoa(i)+","+itoa(r.IntN(9)))
		for k := range 12 {
			edges = append(edges, "n"+itoa(i)+",r"+itoa((i*7+k*k*31)%400)+","+itoa(r.IntN(5)*100))
		}
	}
	write := func() edgelist.Files {
		return files(t, "id,quantity\n"+strings.Join(needs, "\n")+"\n", "id,quantity\n"+strings.Join(resources, "\n")+"\n",
			"need,resource,value\n"+strings.Join(edges, "\n")+"\n")
	}
	dir := filepath.Join(t.TempDir(), "out")
	solveInto(t, write(), dir, matching.Options{Workers: 1})
	want := contents(t, dir)
	for workers := range 3 {
		for _, rows := range [][]string{needs, resources, edges} {
			r.Shuffle(len(rows), func(a, b int) { rows[a], rows[b] = rows[b], rows[a] })
		}
		solveInto(t, write(), dir, matching.Options{Workers: workers + 1})
		require.Equal(t, want, contents(t, dir))
	}
}

func TestTamperingIsCaught(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, old, new, says string }{
		"allocation row dropped":   {edgelist.AllocationFile, "n1,r2,1\n", "", "value is claimed to be 31, but is 24"},
		"allocation row doubled":   {edgelist.AllocationFile, "n1,r2,1\n", "n1,r2,1\nn1,r2,1\n", `need "n1" and resource "r2" occur twice`},
		"allocation row moved":     {edgelist.AllocationFile, "n2,r2,1", "n2,r1,1", `resource "r1" gets 3 allocated, but has a quantity of 2`},
		"quantity up by one":       {edgelist.AllocationFile, "n1,r1,2", "n1,r1,3", `resource "r1" gets 3 allocated`},
		"quantity down by one":     {edgelist.AllocationFile, "n1,r1,2", "n1,r1,1", "value is claimed to be 31, but is 21"},
		"quantity of nothing":      {edgelist.AllocationFile, "n1,r1,2", "n1,r1,0", `the quantity of need "n1" and resource "r1" is 0`},
		"negative quantity":        {edgelist.AllocationFile, "n1,r1,2", "n1,r1,-2", `is -2, want > 0`},
		"pair without edge":        {edgelist.AllocationFile, "n2,r2,1", "n3,r2,1", `need "n3" and resource "r2" have no edge`},
		"unknown need":             {edgelist.AllocationFile, "n2,r2,1", "n9,r2,1", `allocation.csv:4: need "n9" or resource "r2" is not in the input`},
		"no number":                {edgelist.AllocationFile, "n1,r1,2", "n1,r1,x", `allocation.csv:2: quantity is "x"`},
		"truncated allocation":     {edgelist.AllocationFile, "n2,r2,1\n", "n2,r2", "is the file truncated?"},
		"allocation without head":  {edgelist.AllocationFile, "need,resource,quantity\n", "", "header line"},
		"need price up by one":     {edgelist.PricesFile, "need,n1,3", "need,n1,4", "bound is claimed to be 31, but is 34"},
		"need price down by one":   {edgelist.PricesFile, "need,n1,3", "need,n1,2", `need "n1" and resource "r1" is worth 10, more than its prices 2 + 7`},
		"resource price up by one": {edgelist.PricesFile, "resource,r1,7", "resource,r1,8", "bound is claimed to be 31, but is 33"},
		"resource price down":      {edgelist.PricesFile, "resource,r2,4", "resource,r2,3", `is worth 7, more than its prices 3 + 3`},
		"negative price":           {edgelist.PricesFile, "need,n2,0", "need,n2,-1", "prices.csv:3: price is -1, too small"},
		"price row dropped":        {edgelist.PricesFile, "resource,r2,4\n", "", `resource "r2" has no price`},
		"price row doubled":        {edgelist.PricesFile, "need,n2,0\n", "need,n2,0\nneed,n2,0\n", `need "n2" has two prices`},
		"unknown side":             {edgelist.PricesFile, "need,n2", "want,n2", `side is "want", want need or resource`},
		"price of nobody":          {edgelist.PricesFile, "need,n2", "need,n9", `prices.csv:3: need "n9" is not in the input`},
		"value":                    {edgelist.CertificateFile, `"value": 31`, `"value": 32`, "value is claimed to be 32, but is 31"},
		"bound":                    {edgelist.CertificateFile, `"bound": 31`, `"bound": 30`, "bound is claimed to be 30, but is 31"},
		"gap":                      {edgelist.CertificateFile, `"gap": 0`, `"gap": 1`, "gap is claimed to be 1, but is 0"},
		"optimal":                  {edgelist.CertificateFile, `"optimal": true`, `"optimal": false`, "optimality is claimed with a gap of 0, or denied without one"},
		"another input's digest":   {edgelist.CertificateFile, `"input_sha256": "`, `"input_sha256": "0`, "is of another input"},
		"gap missing":              {edgelist.CertificateFile, `  "gap": 0,`, "", `says "\"optimal\": true,", want "\"gap\": 0,"`},
		"gap of null":              {edgelist.CertificateFile, `"gap": 0`, `"gap": null`, `says "\"gap\": null,"`},
		"value told twice":         {edgelist.CertificateFile, `"value": 31`, `"value": 99, "value": 31`, `says "\"value\": 99,"`},
		"value in capitals":        {edgelist.CertificateFile, `"value": 31`, `"VALUE": 31`, `says "\"VALUE\": 31,"`},
		"charges that are none":    {edgelist.CertificateFile, `"charges": false`, `"charges": true`, "in the table of edges it is false"},
		"more behind the end":      {edgelist.CertificateFile, "}\n}", "}\n}{}", "certificate.json: invalid character"},
		"certificate cut off":      {edgelist.CertificateFile, "}\n}", "}", "certificate.json: unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "out")
			in := solveInto(t, files(t, someNeeds+"n3,0\n", someResources, someEdges), dir, matching.Options{})
			path := filepath.Join(dir, c.file)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			spoilt := strings.Replace(string(text), c.old, c.new, 1)
			require.NotEqual(t, string(text), spoilt)
			require.NoError(t, os.WriteFile(path, []byte(spoilt), 0o600))
			_, err = edgelist.Verify(dir, in)
			var v *edgelist.Violation
			require.ErrorAs(t, err, &v)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestChangedInputIsCaught(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	solveInto(t, files(t, someNeeds, someResources, someEdges), dir, matching.Options{})
	for name, c := range map[string]struct{ needs, resources, edges, says string }{
		"used edge up":     {someNeeds, someResources, strings.Replace(someEdges, "10", "11", 1), `"r1" is worth 11, more than its prices 3 + 7`},
		"unused edge down": {someNeeds, someResources, strings.Replace(someEdges, ",6", ",5", 1), "is of another input"},
		"quantity up":      {strings.Replace(someNeeds, "n2,2", "n2,3", 1), someResources, someEdges, "is of another input"},
		"quantity down":    {strings.Replace(someNeeds, "n1,3", "n1,2", 1), someResources, someEdges, `need "n1" gets 3 allocated, but has a quantity of 2`},
		"one more need":    {someNeeds + "n3,1\n", someResources, someEdges, `need "n3" has no price`},
		"an edge is gone":  {someNeeds, someResources, strings.Replace(someEdges, "n2,r2,4\n", "", 1), `need "n2" and resource "r2" have no edge`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := edgelist.Verify(dir, read(t, c.needs, c.resources, c.edges))
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestPrepareRefusesWhatItMustNotReplace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("years of work"), 0o600))
	_, err := edgelist.Prepare(dir)
	require.ErrorContains(t, err, `it holds "thesis.txt", which is no result`)
	_, err = edgelist.Prepare(filepath.Join(dir, "thesis.txt"))
	require.ErrorContains(t, err, "cannot be the output folder: not a directory")
	_, err = edgelist.Prepare(filepath.Join(dir, "thesis.txt", "out"))
	require.Error(t, err)
}

// A link is followed and stays; what cannot be replaced is refused before anything is solved.
func TestPrepareFollowsLinks(t *testing.T) {
	t.Parallel()
	input := files(t, someNeeds, someResources, someEdges)
	parent := t.TempDir()
	disk, link, nowhere := filepath.Join(parent, "disk"), filepath.Join(parent, "link"), filepath.Join(parent, "nowhere")
	require.NoError(t, os.Mkdir(disk, 0o750))
	require.NoError(t, os.Symlink(disk, link))
	require.NoError(t, os.Symlink(filepath.Join(parent, "gone"), nowhere))
	for range 2 {
		in := solveInto(t, input, link, matching.Options{})
		_, err := edgelist.Verify(disk, in)
		require.NoError(t, err)
	}
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink)
	_, err = edgelist.Prepare(nowhere)
	require.ErrorContains(t, err, "it is a link that leads nowhere")
	left, err := os.ReadDir(parent)
	require.NoError(t, err)
	require.Len(t, left, 3)
}

// An earlier result that nobody may write to is replaced like any other.
func TestAProtectedResultIsReplaced(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	for range 2 {
		solveInto(t, files(t, someNeeds, someResources, someEdges), dir, matching.Options{})
		require.NoError(t, os.Chmod(dir, 0o500)) //nolint:gosec // a folder
	}
	require.NoError(t, os.Chmod(dir, 0o700)) //nolint:gosec // for whoever cleans up
	left, err := os.ReadDir(parent)
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	out, err := edgelist.Prepare(dir)
	require.NoError(t, err)
	require.NoDirExists(t, dir, "the folder appears with the result")
	out.Discard()
	left, err := os.ReadDir(parent)
	require.NoError(t, err)
	require.Empty(t, left)
	solveInto(t, files(t, someNeeds, someResources, someEdges), dir, matching.Options{})
	solveInto(t, files(t, someNeeds, someResources, someEdges), dir, matching.Options{}) // replaces
	left, err = os.ReadDir(parent)
	require.NoError(t, err)
	require.Len(t, left, 1)
}

// Folders that were made around a result that did not come about are gone again, unless something else came into them.
func TestDiscardLeavesNoFolderBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, err := edgelist.Prepare(filepath.Join(dir, "deep", "deeper", "out"))
	require.NoError(t, err)
	require.DirExists(t, filepath.Join(dir, "deep", "deeper"))
	out.Discard()
	require.NoDirExists(t, filepath.Join(dir, "deep"))

	out, err = edgelist.Prepare(filepath.Join(dir, "deep", "deeper", "out"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "deep", "mine"), nil, 0o600))
	out.Discard()
	require.FileExists(t, filepath.Join(dir, "deep", "mine"))
	require.NoDirExists(t, filepath.Join(dir, "deep", "deeper"))

	_, err = edgelist.Prepare(filepath.Join(dir, "new", strings.Repeat("x", 300), "out"))
	require.ErrorContains(t, err, "its parent cannot be made: file name too long")
	require.NoDirExists(t, filepath.Join(dir, "new"))
}
