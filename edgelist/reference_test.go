package edgelist_test

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching"
)

// refusal says which line a plain reading stumbles over; line 0 where only the file matters.
type refusal struct {
	file string
	line int
}

// plainTable reads a table with encoding/csv alone: the fields of each row in the order asked for, and the row's line. What
// is wrong with the table comes after the rows before it.
func plainTable(name, text string, required []string, optional ...string) (rows [][]string, lines []int, wrong *refusal) {
	text = strings.TrimPrefix(text, "\xef\xbb\xbf")
	header, body, _ := strings.Cut(text, "\n")
	columns := strings.Split(strings.ReplaceAll(strings.TrimSuffix(header, "\r"), `"`, ""), ",")
	known := slices.Clone(required)
	for _, c := range optional {
		if slices.Contains(columns, c) {
			known = append(known, c)
		}
	}
	if !slices.Equal(slices.Sorted(slices.Values(columns)), slices.Sorted(slices.Values(known))) {
		return nil, nil, &refusal{name, 1}
	}
	if end := strings.LastIndexByte(body, '\n') + 1; end < len(body) { // the last line is not whole
		wrong = &refusal{name, 0}
		if body = body[:end]; strings.Contains(text, `"`) {
			return nil, nil, wrong
		}
	}
	reader := csv.NewReader(strings.NewReader(body))
	reader.FieldsPerRecord = len(columns)
	for {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, lines, wrong
		}
		if err != nil {
			return rows, lines, &refusal{name, 0}
		}
		row := make([]string, len(known))
		for k, c := range columns {
			row[slices.Index(known, c)] = fields[k]
		}
		line, _ := reader.FieldPos(0)
		rows, lines = append(rows, row), append(lines, line+1)
	}
}

var wholeNumber = regexp.MustCompile(`^-?[0-9]{1,18}$`)

func plainNumber(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && wholeNumber.MatchString(text) && n <= matching.MaxMagnitude && n >= -matching.MaxMagnitude
}

// plainSide reads needs or resources.
func plainSide(name, text string) (ids []string, quantities map[string]int64, wrong *refusal) {
	rows, lines, failed := plainTable(name, text, []string{"id", "quantity"})
	quantities = map[string]int64{}
	twice := false
	for k, row := range rows {
		n, ok := plainNumber(row[1])
		if row[0] == "" || !ok || n < 0 {
			return nil, nil, &refusal{name, lines[k]}
		}
		_, known := quantities[row[0]]
		twice = twice || known
		quantities[row[0]] = n
		ids = append(ids, row[0])
	}
	if failed == nil && (twice || !utf8.ValidString(text)) {
		failed = &refusal{name, 0}
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return ids, quantities, failed
}

// plainEdge is one edge, told by its ids.
type plainEdge struct {
	need, resource string
	value, charge  int64
}

// plainRead reads an instance the simplest way there is.
func plainRead(needs, resources, edges string) (ids [2][]string, quantities [2]map[string]int64, list []plainEdge, wrong *refusal) {
	for k, side := range []struct{ name, text string }{{"needs.csv", needs}, {"resources.csv", resources}} {
		if ids[k], quantities[k], wrong = plainSide(side.name, side.text); wrong != nil {
			return ids, quantities, nil, wrong
		}
	}
	rows, lines, failed := plainTable("edges.csv", edges, []string{"need", "resource", "value"}, "charge")
	for k, row := range rows {
		e := plainEdge{need: row[0], resource: row[1]}
		_, needKnown := quantities[0][e.need]
		_, resourceKnown := quantities[1][e.resource]
		value, ok := plainNumber(row[2])
		e.value = value
		charged := true
		if len(row) > 3 {
			e.charge, charged = plainNumber(row[3])
		}
		if !needKnown || !resourceKnown || !ok || !charged || e.charge < 0 {
			return ids, quantities, nil, &refusal{"edges.csv", lines[k]}
		}
		list = append(list, e)
	}
	return ids, quantities, list, failed
}

// requireSameReading reads three tables both ways: with the same result, or refused at the same place.
func requireSameReading(t require.TestingT, f edgelist.Files, needs, resources, edges string) {
	in, err := edgelist.Read(f, 2)
	ids, quantities, list, wrong := plainRead(needs, resources, edges)
	var input *edgelist.InputError
	if wrong != nil {
		require.ErrorAs(t, err, &input)
		require.Contains(t, input.File, wrong.file)
		if wrong.line > 0 {
			require.Equal(t, wrong.line, input.Line, input.Error())
		}
		return
	}
	require.NoError(t, err)
	require.Equal(t, fmt.Sprint(ids[0], ids[1]), fmt.Sprint(in.Needs, in.Resources))
	for k, id := range in.Needs {
		require.Equal(t, quantities[0][id], in.Problem.NeedQuantity[k])
	}
	for k, id := range in.Resources {
		require.Equal(t, quantities[1][id], in.Problem.ResourceQuantity[k])
	}
	best := map[[2]string]plainEdge{}
	for _, e := range list {
		pair := [2]string{e.need, e.resource}
		if old, known := best[pair]; !known || e.value > old.value || e.value == old.value && e.charge < old.charge {
			best[pair] = e
		}
	}
	require.Len(t, in.Problem.Edges, len(best))
	for i := range in.Needs {
		for k, e := range in.Problem.Row(i) {
			found := plainEdge{need: in.Needs[i], resource: in.Resources[e.Resource], value: e.Value}
			if in.Problem.Charges != nil {
				found.charge = in.Problem.Charges[int(in.Problem.RowStart[i])+k]
			}
			require.Equal(t, best[[2]string{found.need, found.resource}], found)
		}
	}
}

// Tables of all forms, with ids of any length, columns in any order and here and there a mistake, are read as the
// simplest reading does.
func TestReadAgreesWithThePlainReading(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		form := rapid.SampledFrom([]string{
			`n[1-9]{1,3}`, `[a-z]{1,12}`, `[0-9a-f]{8}-[0-9a-f]{4}`, `id-2026-[0-9]{4}`, `[a-z]{7,9}`, `"?[a-c]{0,9}"?`, `x{30}[0-9]{1,2}`,
		})
		needs := rapid.SliceOfNDistinct(rapid.StringMatching(form.Draw(r, "form")), 1, 8, rapid.ID[string]).Draw(r, "needs")
		resources := rapid.SliceOfNDistinct(rapid.StringMatching(form.Draw(r, "form")), 1, 90, rapid.ID[string]).Draw(r, "resources")
		columns := rapid.Permutation([]string{"need", "resource", "value", "charge"}[:rapid.IntRange(3, 4).Draw(r, "columns")]).Draw(r, "order")
		end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(r, "end")
		var edges strings.Builder
		edges.WriteString(strings.Join(columns, ",") + end)
		for range rapid.IntRange(0, 300).Draw(r, "rows") {
			row := map[string]string{
				"need": rapid.SampledFrom(needs).Draw(r, "need"), "resource": rapid.SampledFrom(resources).Draw(r, "resource"),
				"value":  strconv.Itoa(rapid.IntRange(-20, 2000).Draw(r, "value")),
				"charge": strconv.Itoa(rapid.IntRange(0, 30).Draw(r, "charge")),
			}
			if rapid.IntRange(0, 400).Draw(r, "mistake") == 0 {
				row[rapid.SampledFrom(columns).Draw(r, "column")] = rapid.SampledFrom([]string{"", "-1", "1.5", "stranger", "a,b", "9999999999999"}).Draw(r, "wrong")
			}
			for k, c := range columns {
				edges.WriteString(strings.Repeat(",", min(k, 1)) + row[c])
			}
			edges.WriteString(strings.Repeat(end, 1+rapid.IntRange(0, 40).Draw(r, "blank")/40))
		}
		side := func(ids []string) string { return "id,quantity" + end + strings.Join(ids, ",1"+end) + ",1" + end }
		f := files(t, side(needs), side(resources), edges.String())
		requireSameReading(r, f, side(needs), side(resources), edges.String())
	})
}

func FuzzReadAgainstPlainReading(f *testing.F) {
	f.Add([]byte(someNeeds), []byte(someResources), []byte(someEdges))
	f.Add([]byte("id,quantity\nneed-number-1,1\nab,2\n"), []byte("quantity,id\r\n1,resource-number-1\r\n\r\n2,x\r\n"),
		[]byte("resource,need,value,charge\nx,ab,1,2\nresource-number-1,need-number-1,-7,0\n\nx,need-number-1,3,4\n"))
	f.Fuzz(func(t *testing.T, needs, resources, edges []byte) {
		for _, text := range [][]byte{needs, resources, edges} { // what is no text is refused before it is read
			if bytes.HasPrefix(text, []byte("\x1f\x8b")) || bytes.HasPrefix(text, []byte("PK\x03\x04")) ||
				bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
				return
			}
		}
		requireSameReading(t, files(t, string(needs), string(resources), string(edges)), string(needs), string(resources), string(edges))
	})
}
