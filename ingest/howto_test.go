package ingest_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
)

// block is a fenced block of a page with the words after its language.
type block struct{ words, text string }

func blocks(t *testing.T, page string) []block {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "docs", page))
	require.NoError(t, err)
	var found []block
	for _, m := range regexp.MustCompile("(?ms)^```[a-z]+ ([^\n]+)\n(.*?)^```$").FindAllStringSubmatch(string(content), -1) {
		found = append(found, block{words: m[1], text: m[2]})
	}
	require.NotEmpty(t, found)
	return found
}

// result is the block that says what the page's rows become, without regard to spaces.
func result(t *testing.T, all []block) []string {
	t.Helper()
	for _, b := range all {
		if b.words == "result" {
			return tidy(strings.Split(strings.TrimSpace(b.text), "\n"))
		}
	}
	t.Fatal("the page has no result")
	return nil
}

func tidy(lines []string) []string {
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	return lines
}

func outcomes(rows []ingest.Row) []string {
	var listings, facts, rejected []string
	for i := range rows {
		row := &rows[i]
		switch row.Outcome {
		case ingest.Listed:
			for _, l := range row.Listings {
				listings = append(listings, fmt.Sprintf("listing %s %d %s %s ward %s %d windows",
					l.ID, l.Quantity.Amount, l.Quantity.Unit, l.Quantity.Quality, l.Ward, len(l.Windows)))
			}
		case ingest.Rejected:
			detail := row.Reason
			if row.Field != "" {
				detail = fmt.Sprintf("%s %q: %s", row.Field, row.Value, row.Reason)
			}
			rejected = append(rejected, fmt.Sprintf("rejected %s, line %d %s", row.File, row.Line, detail))
		default:
			facts = append(facts, fmt.Sprintf("fact %s.%s %s", row.Dataset, row.Key, row.Reason))
		}
	}
	return tidy(append(append(listings, facts...), rejected...))
}

func rowsOf(t *testing.T, c *ingest.City, dir string, datasets ...string) []ingest.Row {
	t.Helper()
	plan, err := c.Plan(t.Context(), dir, ingest.PlanOptions{Datasets: datasets})
	require.NoError(t, err)
	reader, err := c.Reader(dir, plan)
	require.NoError(t, err)
	var rows []ingest.Row
	for _, batch := range plan.Batches {
		part, err := reader.ReadBatch(t.Context(), batch)
		require.NoError(t, err)
		rows = append(rows, part...)
	}
	return rows
}

func TestHowToImport(t *testing.T) {
	t.Parallel()
	page, dir := blocks(t, "howto-import.md"), t.TempDir()
	folder := folderOf(t, nil) // policy and scoring are those that ship
	for _, b := range page {
		name, isFile := strings.CutPrefix(b.words, "file=")
		switch {
		case isFile && strings.HasPrefix(name, "mytown/"):
			folder[strings.TrimPrefix(name, "mytown/")] = &fstest.MapFile{Data: []byte(b.text)}
		case isFile:
			text := strings.TrimSuffix(b.text, "\n") // the last file is cut in its last line
			require.NoError(t, os.WriteFile(filepath.Join(dir, strings.TrimPrefix(name, "data/")), []byte(text), 0o600))
		}
	}
	c, err := ingest.Open(folder, city.DefaultTaxonomy())
	require.NoError(t, err)
	require.Equal(t, result(t, page), outcomes(rowsOf(t, c, dir)))
}

func TestHowToAddACategoryRule(t *testing.T) {
	t.Parallel()
	page, dir := blocks(t, "howto-category-rule.md"), t.TempDir()
	shipped, err := cities.Open("dc")
	require.NoError(t, err)
	folder := fstest.MapFS{}
	names, err := fs.Glob(shipped, "*.yaml")
	require.NoError(t, err)
	for _, name := range names {
		content, err := fs.ReadFile(shipped, name)
		require.NoError(t, err)
		folder[name] = &fstest.MapFile{Data: content}
	}
	for _, b := range page {
		insert(t, folder, dir, b)
	}
	writeDCWards(t, dir)
	c, err := ingest.Open(folder, city.DefaultTaxonomy())
	require.NoError(t, err)
	require.Equal(t, result(t, page), outcomes(rowsOf(t, c, dir, "liquor-licences")))
}

var (
	addUnder     = regexp.MustCompile(`^add=(\S+) under=(\S+)$`)
	beforeLine   = regexp.MustCompile(`^before=(\S+) line="(.+)" within=(\S+)$`)
	fileOfTheSet = regexp.MustCompile(`^file=(\S+)$`)
)

// insert puts a block where its words say.
func insert(t *testing.T, folder fstest.MapFS, dir string, b block) {
	t.Helper()
	if m := fileOfTheSet.FindStringSubmatch(b.words); m != nil {
		path := filepath.Join(dir, m[1])
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(b.text), 0o600))
		return
	}
	if m := addUnder.FindStringSubmatch(b.words); m != nil {
		key := "\n" + m[2] + ":\n"
		text := "\n" + string(folder[m[1]].Data)
		require.Contains(t, text, key)
		folder[m[1]].Data = []byte(strings.Replace(text, key, key+b.text, 1))
		return
	}
	if m := beforeLine.FindStringSubmatch(b.words); m != nil {
		text := string(folder[m[1]].Data)
		head, rest, found := strings.Cut(text, "- id: "+m[3]+"\n")
		require.True(t, found)
		part, after, found := strings.Cut(rest, "\n      "+m[2]+"\n")
		require.True(t, found)
		folder[m[1]].Data = []byte(head + "- id: " + m[3] + "\n" + part + "\n" + b.text + "      " + m[2] + "\n" + after)
		return
	}
	require.Equal(t, "result", b.words)
}

// writeDCWards writes a square for ward 1, and the data sets above the licences without rows of weight.
func writeDCWards(t *testing.T, dir string) {
	t.Helper()
	ring := "[[[-77.1,38.8],[-76.9,38.8],[-76.9,39.0],[-77.1,39.0],[-77.1,38.8]]]"
	files := map[string]string{
		"areas/wards-2012.geojson": `{"features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":` + ring + `},"properties":{"WARD_ID":"1"}}]}`,
		"places/grocery-stores.geojson": `{"features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[-77,38.9]},` +
			`"properties":{"OBJECTID":1,"STORENAME":"A store","ADDRESS_ID":9}}]}`,
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
}
