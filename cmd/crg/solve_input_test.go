package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	twoNeeds     = "id,quantity\nn1,3\nn2,2\n"
	twoResources = "id,quantity\nr1,2\nr2,2\n"
)

// tables writes an input and returns the flags that name it.
func tables(t *testing.T, needs, resources, edges string) []string {
	t.Helper()
	dir := t.TempDir()
	var flags []string
	for name, text := range map[string]string{"needs": needs, "resources": resources, "edges": edges} {
		path := filepath.Join(dir, name+".csv")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		flags = append(flags, "--"+name, path)
	}
	return flags
}

// Wrong input ends with exit code 2, names file, line and value, and leaves nothing where the result would be.
func TestSolveNamesWhatIsWrongInTheInput(t *testing.T) {
	quantity := func(text string) [3]string {
		return [3]string{"id,quantity\nn1," + text + "\n", twoResources, fourEdges}
	}
	offered := func(text string) [3]string {
		return [3]string{twoNeeds, "id,quantity\nr1,2\nr2," + text + "\n", fourEdges}
	}
	value := func(text string) [3]string {
		return [3]string{twoNeeds, twoResources, "need,resource,value\nn1,r1,10\nn1,r2," + text + "\n"}
	}
	edges := func(text string) [3]string { return [3]string{twoNeeds, twoResources, text} }
	for name, c := range map[string]struct {
		input [3]string
		says  string
	}{
		"negative quantity":      {quantity("-1"), "needs.csv:2: quantity is -1, too small: want a whole number from 0"},
		"fraction":               {quantity("2.5"), `needs.csv:2: quantity is "2.5": want a whole number`},
		"fraction of zeros":      {quantity("2.0"), `needs.csv:2: quantity is "2.0"`},
		"word":                   {quantity("many"), `needs.csv:2: quantity is "many"`},
		"not a number":           {quantity("NaN"), `needs.csv:2: quantity is "NaN"`},
		"infinity":               {offered("Inf"), `resources.csv:3: quantity is "Inf"`},
		"exponent":               {offered("1e3"), `resources.csv:3: quantity is "1e3"`},
		"hexadecimal":            {offered("0x10"), `resources.csv:3: quantity is "0x10"`},
		"underscore":             {offered("1_000"), `resources.csv:3: quantity is "1_000"`},
		"space before":           {offered(" 5"), `resources.csv:3: quantity is " 5"`},
		"space behind":           {offered("5 "), `resources.csv:3: quantity is "5 "`},
		"plus":                   {offered("+5"), `resources.csv:3: quantity is "+5"`},
		"minus alone":            {value("-"), `edges.csv:3: value is "-"`},
		"nothing":                {offered(""), `resources.csv:3: quantity is ""`},
		"2^40 + 1":               {quantity("1099511627777"), "needs.csv:2: quantity is 1099511627777, too large"},
		"2^63":                   {quantity("9223372036854775808"), `needs.csv:2: quantity is "9223372036854775808": want a whole number from 0 to 1099511627776`},
		"2^64 + 5":               {value("18446744073709551621"), `edges.csv:3: value is "18446744073709551621": want a whole number`},
		"value below -2^40":      {value("-1099511627777"), "edges.csv:3: value is -1099511627777, too small"},
		"value with fraction":    {value("1.5"), `edges.csv:3: value is "1.5"`},
		"value in other digits":  {value("٣"), `edges.csv:3: value is "٣"`},
		"id twice":               {[3]string{twoNeeds + "n1,4\n", twoResources, fourEdges}, `needs.csv:4: id "n1" occurs twice, first in line 2`},
		"id twice, quoted":       {[3]string{twoNeeds + "\"n1\",4\n", twoResources, fourEdges}, `needs.csv:4: id "n1" occurs twice, first in line 2`},
		"unknown need":           {edges(fourEdges + "n3,r1,5\n"), `edges.csv:6: need "n3" is not in the table of needs`},
		"unknown resource":       {edges(fourEdges + "n1,n1,5\n"), `edges.csv:6: resource "n1" is not in the table of resources`},
		"column missing":         {[3]string{"id\nn1\n", twoResources, fourEdges}, `needs.csv:1: the header line has no column "quantity"`},
		"edge column missing":    {edges("need,value\nn1,4\n"), `edges.csv:1: the header line has no column "resource"`},
		"header line missing":    {[3]string{twoNeeds, "r1,2\nr2,2\n", fourEdges}, `resources.csv:1: the header line has a column "r1"`},
		"edges without header":   {edges("n1,r1,10\n"), `edges.csv:1: the header line has a column "n1"`},
		"empty file":             {[3]string{"", twoResources, fourEdges}, "needs.csv:1: the header line is missing, want id,quantity[,ward][,tier][,weight]"},
		"byte order mark alone":  {[3]string{"\xef\xbb\xbf", twoResources, fourEdges}, "needs.csv:1: the header line is missing"},
		"edges are empty":        {edges(""), "edges.csv:1: the header line is missing, want need,resource,value[,charge]"},
		"Latin-1":                {[3]string{twoNeeds, "id,quantity\nr1,2\nH\xf6he,2\n", fourEdges}, `resources.csv:3: is not UTF-8 ("H\xf6he,2")`},
		"a ward in Latin-1":      {[3]string{"id,ward,quantity\nn1,H\xf6he,2\n", twoResources, fourEdges}, `needs.csv:2: is not UTF-8`},
		"cut off in a row":       {edges("need,resource,value\nn1,r1,10\nn1,r"), "edges.csv:3: the last line does not end in a newline"},
		"cut off in a number":    {edges("need,resource,value\nn1,r1,10\nn1,r2,7"), "edges.csv:3: the last line does not end in a newline"},
		"cut off in a character": {[3]string{"id,quantity\nn1,3\n\xc3", twoResources, fourEdges}, "needs.csv:3: "},
		"cut off in quotes":      {edges("need,resource,value\nn1,r1,10\n\"n1,r2,7\n"), "edges.csv:3: "},
		"needs cut off":          {[3]string{"id,quantity\nn1,3\nn2,2", twoResources, fourEdges}, "needs.csv:3: the last line does not end in a newline"},
		"a field too few":        {edges("need,resource,value\nn1,10\n"), "edges.csv:2: has 2 fields, want 3"},
		"a field too many":       {edges("need,resource,value\nn1,r1,10,1\n"), "edges.csv:2: has 4 fields, want 3"},
		"packed":                 {[3]string{"\x1f\x8b\x08\x00", twoResources, fourEdges}, "needs.csv: is compressed with gzip, want CSV as plain text"},
		"a workbook":             {edges("PK\x03\x04\n"), "edges.csv: is a ZIP archive or a workbook, want CSV as plain text"},
		"UTF-16":                 {[3]string{twoNeeds, "\xff\xfei\x00d\x00", fourEdges}, "resources.csv: is text in UTF-16, want CSV as plain text"},
		"a header without end":   {edges(strings.Repeat("x", 70_000)), `xxx...", want need,resource,value`},
		"other separator":        {edges("need;resource;value\nn1;r1;10\n"), "edges.csv:1: the header line"},
		"negative charge":        {edges("need,resource,value,charge\nn1,r1,10,-1\n"), "edges.csv:2: charge is -1, too small"},
	} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			args := append([]string{"solve", "--out", filepath.Join(parent, "out")}, tables(t, c.input[0], c.input[1], c.input[2])...)
			_, code, err := runCommand(t, args...)
			require.ErrorContains(t, err, c.says)
			require.Equal(t, 2, code)
			left, err := os.ReadDir(parent)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

// Sums that could leave 62 bits are refused before the start, too.
func TestSolveRefusesOverflow(t *testing.T) {
	const most = "1099511627776"
	dir := filepath.Join(t.TempDir(), "out")
	var needs, edges strings.Builder
	needs.WriteString("id,quantity\n")
	edges.WriteString("need,resource,value\n")
	for _, id := range []string{"a", "b", "c", "d"} {
		needs.WriteString(id + "," + most + "\n")
		edges.WriteString(id + ",r," + most + "\n")
	}
	_, code, err := runCommand(t, append([]string{"solve", "--out", dir}, tables(t, needs.String(), "id,quantity\nr,"+most+"\n", edges.String())...)...)
	require.ErrorContains(t, err, "may exceed 2^62")
	require.Equal(t, 2, code)
	require.NoDirExists(t, dir)
}

// What looks odd and is not wrong is solved, and the result holds.
func TestSolveAcceptsOddInput(t *testing.T) {
	windows := strings.NewReplacer("\n", "\r\n")
	for name, c := range map[string]struct {
		needs, resources, edges string
		value                   string
	}{
		"as it should be":     {twoNeeds, twoResources, fourEdges, "value 31,"},
		"byte order mark":     {"\xef\xbb\xbf" + twoNeeds, "\xef\xbb\xbf" + twoResources, "\xef\xbb\xbf" + fourEdges, "value 31,"},
		"carriage returns":    {windows.Replace(twoNeeds), windows.Replace(twoResources), windows.Replace(fourEdges), "value 31,"},
		"quoted fields":       {"id,quantity\n\"n1\",\"3\"\nn2,2\n", twoResources, strings.ReplaceAll(fourEdges, "n1", `"n1"`), "value 31,"},
		"columns swapped":     {"quantity,id\n3,n1\n2,n2\n", twoResources, "value,resource,need\n10,r1,n1\n", "value 20,"},
		"edge twice":          {twoNeeds, twoResources, fourEdges + "n1,r1,12\nn1,r1,3\n", "value 35,"},
		"quantity 0":          {"id,quantity\nn1,0\nn2,2\n", twoResources, fourEdges, "value 12,"},
		"all quantities 0":    {"id,quantity\nn1,0\nn2,0\n", "id,quantity\nr1,0\nr2,0\n", fourEdges, "value 0,"},
		"all values 0":        {twoNeeds, twoResources, "need,resource,value\nn1,r1,0\nn2,r2,0\n", "value 0,"},
		"all values negative": {twoNeeds, twoResources, "need,resource,value\nn1,r1,-5\nn2,r2,-1099511627776\n", "value 0,"},
		"headers alone":       {"id,quantity\n", "id,quantity\n", "need,resource,value\n", "value 0,"},
		"header unended":      {"id,quantity", "id,quantity", "need,resource,value", "value 0,"},
		"no edges":            {twoNeeds, twoResources, "need,resource,value\n", "value 0,"},
		"1 x 1":               {"id,quantity\nn,1\n", "id,quantity\nr,1\n", "need,resource,value\nn,r,1\n", "value 1,"},
		"1 x 1, the largest": {
			"id,quantity\nn,1048576\n", "id,quantity\nr,1099511627776\n", "need,resource,value\nn,r,1099511627776\n", "value 1152921504606846976,",
		},
		"a charge above the value": {"id,quantity\nn,1\n", "id,quantity\nr,1\n", "need,resource,value,charge\nn,r,5,6\n", "value 0,"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, input := filepath.Join(t.TempDir(), "out"), tables(t, c.needs, c.resources, c.edges)
			out, code, err := runCommand(t, append([]string{"solve", "--out", dir}, input...)...)
			require.NoError(t, err)
			require.Zero(t, code)
			require.Contains(t, out, c.value+" proven optimal")
			_, _, err = runCommand(t, append([]string{"verify-run", dir}, input...)...)
			require.NoError(t, err)
		})
	}
}

func TestSolveRefusesFoldersAndForeignBases(t *testing.T) {
	input := tables(t, twoNeeds, twoResources, fourEdges)
	parent := t.TempDir()
	file, other := filepath.Join(parent, "file"), filepath.Join(parent, "other")
	require.NoError(t, os.WriteFile(file, []byte("mine"), 0o600))
	require.NoError(t, os.Mkdir(other, 0o750))
	require.NoError(t, os.WriteFile(filepath.Join(other, "thesis.txt"), []byte("mine"), 0o600))
	foreign, cut := filepath.Join(t.TempDir(), "foreign"), filepath.Join(t.TempDir(), "cut")
	strangers := tables(t, "id,quantity\nx,1\n", "id,quantity\ny,1\n", "need,resource,value\nx,y,1\n")
	_, _, err := runCommand(t, append([]string{"solve", "--out", foreign}, strangers...)...)
	require.NoError(t, err)
	_, _, err = runCommand(t, append([]string{"solve", "--out", cut}, input...)...)
	require.NoError(t, err)
	basis, err := os.ReadFile(filepath.Join(cut, "basis.bin"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(cut, "basis.bin"), basis[:len(basis)-3], 0o600))
	for name, c := range map[string]struct{ out, warm, says string }{
		"out is a file":          {file, "", "cannot be the output folder: not a directory"},
		"out is below a file":    {filepath.Join(file, "out"), "", "cannot be"},
		"out is where one is":    {".", "", "it is the one you are in; name a new folder inside it"},
		"out holds other things": {other, "", `it holds "thesis.txt", which is no result`},
		"basis of another input": {filepath.Join(parent, "out"), foreign, "basis.bin"},
		"basis cut off":          {filepath.Join(parent, "out"), cut, "basis.bin"},
		"no basis":               {filepath.Join(parent, "out"), t.TempDir(), "basis.bin: cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, code, err := runCommand(t, append([]string{"solve", "--out", c.out, "--warm-from", c.warm}, input...)...)
			require.ErrorContains(t, err, c.says)
			require.Equal(t, 2, code)
			left, err := os.ReadDir(parent)
			require.NoError(t, err)
			require.Len(t, left, 2)
			mine, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, "mine", string(mine))
		})
	}
}
