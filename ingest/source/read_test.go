package source_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/ingest/source"
)

// write puts content into a file of its own.
func write(tb testing.TB, content string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "file")
	require.NoError(tb, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// read reads a file to its end and tells each row on a line: its line, and its values or its fault.
func read(tb testing.TB, path string, options source.Options, columns ...string) []string {
	tb.Helper()
	file, err := source.Open(path, options, source.Cursor{})
	require.NoError(tb, err)
	defer func() { _ = file.Close() }()
	var told []string
	for {
		record, err := file.Next()
		if errors.Is(err, io.EOF) {
			return told
		}
		require.NoError(tb, err)
		told = append(told, tell(&record, columns))
	}
}

func tell(record *source.Record, columns []string) string {
	if record.Fault != nil {
		text := fmt.Sprintf("%d: %s", record.Line, record.Fault.Reason)
		if record.Fault.Field != "" {
			text = fmt.Sprintf("%d: %s: %s", record.Line, record.Fault.Field, record.Fault.Reason)
		}
		return text
	}
	values := make([]string, len(columns))
	for i, column := range columns {
		values[i] = "-"
		if value := record.Get(column); value.Kind != source.Missing {
			values[i] = value.Text()
		}
	}
	return fmt.Sprintf("%d: %s", record.Line, strings.Join(values, "|"))
}

const stray = "a quote is opened on this line and not closed where the row should end"

func TestCSV(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		content string
		want    []string
	}{
		"plain": {"a,b\n1,2\n3,4\n", []string{"2: 1|2", "3: 3|4"}},
		"no line end at the end, CRLF, byte order mark, blank lines": {
			"\xef\xbb\xbfa,b\r\n\r\n1,2\r\n\n3,4", []string{"3: 1|2", "5: 3|4"},
		},
		"quotes":               {"a,b\n\"x, y\",\"say \"\"hi\"\"\"\n5\" pipe,2\n", []string{"2: x, y|say \"hi\"", `3: 5" pipe|2`}},
		"a line end in quotes": {"a,b\n\"one\ntwo\",2\n3,4\n", []string{"2: one\ntwo|2", "4: 3|4"}},
		"blank values":         {"a,b\n, \n", []string{"2: -|-"}},
		"too few and too many": {"a,b\n1\n1,2,3\n3,4\n", []string{"2: 1 fields, but the header has 2", "3: 3 fields, but the header has 2", "4: 3|4"}},
		"text after a quote":   {"a,b\n\"1\"x,2\n3,4\n", []string{"2: text after a closing quote: want ',' or the end of the row", "3: 3|4"}},
		"a stray quote": {
			"a,b\n\"1,2\n3,4\n5,6\n",
			[]string{"2: " + stray, "3: 3|4", "4: 5|6"},
		},
		"two stray quotes": {
			"a,b\n\"1,2\n3,4\n\"5,6\n7,8\n",
			[]string{"2: " + stray, "3: 3|4", "4: " + stray, "5: 7|8"},
		},
		"cut in a row": {
			"a,b\n1,2\n3",
			[]string{"2: 1|2", "3: 1 fields, but the header has 2; the file ends here without a line end: it may have been cut"},
		},
		"cut in quotes":        {"a,b\n1,2\n\"3", []string{"2: 1|2", "3: " + stray}},
		"not UTF-8 in one row": {"a,b\ncafé,2\ncaf\xe9,2\n3,4\n", []string{"2: café|2", "3: a: not UTF-8: byte 0xE9 at character 4", "4: 3|4"}},
		"a NUL byte":           {"a,b\n1\x00,2\n3,4\n", []string{"2: a: holds a NUL byte: no text contains it", "3: 3|4"}},
		"a row beyond the bounds": {
			"a,b\n" + strings.Repeat("x", source.MaxRow+10) + ",2\n3,4\n",
			[]string{"2: the row has 1048589 bytes: want at most 1048576", "3: 3|4"},
		},
		"a header alone": {"a,b\n", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, read(t, write(t, test.content), source.Options{Format: source.CSV}, "a", "b"))
		})
	}
}

func TestJSONLines(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		content string
		want    []string
	}{
		"plain":           {"{\"a\":1,\"b\":\"x\"}\n\n {\"a\":true}\n", []string{"1: 1|x", "3: true|-"}},
		"null and blank":  {`{"a":null,"b":"  "}`, []string{"1: -|-"}},
		"escapes":         {`{"a":"\u00e9\n\"","\u0062":"c"}`, []string{"1: é\n\"|c"}},
		"list and object": {`{"a":[1,{"x":"]"}],"b":{"y":2}}`, []string{`1: [1,{"x":"]"}]|{"y":2}`}},
		"broken row": {
			"{\"a\":1}\n{\"a\":}\n{\"a\":3}\n",
			[]string{"1: 1|-", "2: not JSON: invalid character '}' looking for beginning of value at character 6, near \"{\\\"a\\\":}\"", "3: 3|-"},
		},
		"not an object": {"{\"a\":1}\n[1]\n", []string{"1: 1|-", "2: want one JSON object on each line"}},
		"cut": {
			"{\"a\":1}\n{\"a\":\"x",
			[]string{"1: 1|-", "2: not JSON: unexpected end of JSON input at character 7, near \"{\\\"a\\\":\\\"x\"" +
				"; the file ends here without a line end: it may have been cut"},
		},
		"given twice":  {`{"a":1,"a":2}`, []string{"1: a: the field is given twice in one row"}},
		"NUL escape":   {`{"a":"x\u0000"}`, []string{`1: holds \u0000: no text contains the NUL character`}},
		"half a pair":  {`{"a":"\ud83d x"}`, []string{"1: holds the first half of a surrogate pair without the second"}},
		"other half":   {`{"a":"\udE00"}`, []string{"1: holds the second half of a surrogate pair without the first"}},
		"a whole pair": {`{"a":"\ud83d\ude00"}`, []string{"1: 😀|-"}},
		"huge number":  {`{"a":1e999999}`, []string{"1: a: a number out of every range: want at most 1e300"}},
		"NaN": {
			`{"a":NaN}`,
			[]string{`1: not JSON: invalid character 'N' looking for beginning of value at character 6, near "{\"a\":NaN}"`},
		},
		"nested without end": {`{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, []string{"1: nested deeper than 64 levels"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, read(t, write(t, test.content), source.Options{Format: source.JSONLines}, "a", "b"))
		})
	}
}

func TestGeoJSON(t *testing.T) {
	t.Parallel()
	feature := func(n int) string {
		return fmt.Sprintf(`{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"a":%d}}`, n)
	}
	wrap := func(features ...string) string {
		return `{"type":"FeatureCollection","features":[` + "\n" + strings.Join(features, ",\n") + "\n]}\n"
	}
	tests := map[string]struct {
		content string
		want    []string
	}{
		"plain":             {wrap(feature(1), feature(2)), []string{"2: 1", "3: 2"}},
		"on one line":       {`{"type":"FeatureCollection","features":[` + feature(1) + "," + feature(2) + "]}", []string{"1: 1", "1: 2"}},
		"spread over lines": {strings.ReplaceAll(wrap(feature(1), feature(2)), ",", ",\n"), []string{"3: 1", "9: 2"}},
		"members around": {
			`{"name":"x [{","crs":{"properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},"features":[` + feature(1) + `],"type":"FeatureCollection"}`,
			[]string{"1: 1"},
		},
		"no features":     {`{"type":"FeatureCollection","features":[]}`, nil},
		"no properties":   {wrap(`{"type":"Feature","geometry":null,"properties":null}`, feature(2)), []string{"2: -", "3: 2"}},
		"another type":    {wrap(`{"type":"Polygon"}`, feature(2)), []string{`2: type: want "Feature"`, "3: 2"}},
		"a comma missing": {`{"type":"FeatureCollection","features":[` + feature(1) + "\n" + feature(2) + "]}", []string{"1: 1", "2: 2"}},
		"a brace missing": {
			wrap(feature(1), strings.TrimSuffix(feature(2), "}"), feature(3), feature(4)),
			[]string{"2: 1", "3: the feature is not closed before the next one begins", "4: 3", "5: 4"},
		},
		"a brace too many": {wrap(feature(1)+"}", feature(2)), []string{"2: 1", "2: not a feature: want { at its beginning", "3: 2"}},
		"a quote missing": {
			wrap(feature(1), `{"type":"Feature","properties":{"a":"x}}`, feature(3)),
			[]string{"2: 1", "3: a text is not closed at the end of its line", "4: 3"},
		},
		"NaN coordinates": {
			wrap(strings.Replace(feature(1), "[1,2]", "[NaN,2]", 1), feature(2)),
			[]string{`2: not JSON: invalid character 'N' looking for beginning of value at character 61, near "nt\",\"coordinates\":[NaN,2]},\"pr"`, "3: 2"},
		},
		"cut in a feature": {wrap(feature(1))[:len(wrap(feature(1)))-20], []string{"2: the file ends inside this feature: it may have been cut"}},
		"cut between": {
			`{"type":"FeatureCollection","features":[` + "\n" + feature(1) + ",\n",
			[]string{"2: 1", "3: the file ends inside the list of features: it may have been cut"},
		},
		"not closed": {
			`{"type":"FeatureCollection","features":[` + "\n" + feature(1) + "\n]",
			[]string{"2: 1", "3: the file ends after the features without closing the collection: it may have been cut"},
		},
		"a huge feature": {
			wrap(`{"type":"Feature","properties":{"a":"`+strings.Repeat("}", source.MaxRow)+`"}}`, feature(2)),
			[]string{"2: the row has 1048616 bytes: want at most 1048576", "3: 2"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, read(t, write(t, test.content), source.Options{Format: source.GeoJSON}, "a"))
		})
	}
}

// A header without a comma is split by what stands there, unless the profile states something else.
func TestTheHeaderTellsTheDelimiter(t *testing.T) {
	t.Parallel()
	for delimiter, content := range map[string]string{";": "a;b\n1,5;2\n", "\t": "a\tb\n1,5\t2\n", "|": "a|b\n1,5|2\n"} {
		path := write(t, content)
		file, err := source.Open(path, source.Options{Format: source.CSV}, source.Cursor{})
		require.NoError(t, err)
		require.Equal(t, []string{"a", "b"}, file.Header)
		row, err := file.Next()
		require.NoError(t, err)
		require.Nil(t, row.Fault)
		require.Equal(t, "1,5", row.Get("a").Text())
		require.NoError(t, file.Close())

		stated := source.Options{Format: source.CSV, Delimiter: ','}
		_, err = source.Open(path, stated, source.Cursor{})
		require.ErrorContains(t, err, fmt.Sprintf("the header is one field when split at ',': the file seems to use %q; say delimiter: %q in the profile",
			delimiter[0], delimiter))
	}
	file, err := source.Open(write(t, "a;b,c\n1;2,3\n"), source.Options{Format: source.CSV}, source.Cursor{})
	require.NoError(t, err)
	require.Equal(t, []string{"a;b", "c"}, file.Header, "a comma is a comma")
	require.NoError(t, file.Close())
}

// A text that one program saves composed and another one decomposed is one text, and so is a column's name.
func TestTextIsComposed(t *testing.T) {
	t.Parallel()
	const composed, decomposed = "Gr\u00fcn", "Gru\u0308n"
	for format, content := range map[source.Format]string{
		source.CSV:       decomposed + ",b\n" + decomposed + ",2\n",
		source.JSONLines: `{"` + decomposed + `":"` + decomposed + `"}` + "\n",
	} {
		file, err := source.Open(write(t, content), source.Options{Format: format}, source.Cursor{})
		require.NoError(t, err)
		row, err := file.Next()
		require.NoError(t, err)
		require.Equal(t, composed, row.Get(composed).Text(), format)
		require.NoError(t, file.Close())
	}
	file, err := source.Open(write(t, `{"a":"Gru\u0308n"}`+"\n"), source.Options{Format: source.JSONLines}, source.Cursor{})
	require.NoError(t, err)
	row, err := file.Next()
	require.NoError(t, err)
	require.Equal(t, composed, row.Get("a").Text(), "an escape too")
	require.NoError(t, file.Close())
}

func TestFilesThatCannotBeReadAtAll(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		format  source.Format
		content string
		want    string
	}{
		"empty":                 {source.CSV, "", "the file is empty"},
		"a column named twice":  {source.CSV, "a,a\n1,2\n", `the header names "a" twice`},
		"UTF-16 with a mark":    {source.CSV, "\xff\xfea\x00,\x00b\x00\n\x00", "UTF-16 text: convert it with iconv -f UTF-16 -t UTF-8"},
		"UTF-16 without a mark": {source.CSV, "a\x00,\x00b\x00\n\x00", "UTF-16 text without a mark"},
		"Latin-1": {
			source.CSV,
			"a,b\ncaf\xe9,2\n",
			"it looks like Windows-1252 or Latin-1: convert it with iconv -f WINDOWS-1252 -t UTF-8",
		},
		"a workbook":              {source.CSV, "PK\x03\x04...", "an Excel workbook: export the sheet as CSV"},
		"compressed":              {source.JSONLines, "\x1f\x8b\x08", "unpack it first (gunzip)"},
		"an error page":           {source.GeoJSON, "<!DOCTYPE html>", "want geojson"},
		"JSON taken for CSV":      {source.CSV, `{"a":1}`, "want CSV with a header line"},
		"a list taken for lines":  {source.JSONLines, `[{"a":1}]`, "want one object on each line"},
		"a list taken for places": {source.GeoJSON, `[{"a":1}]`, "want a GeoJSON FeatureCollection"},
		"a single feature":        {source.GeoJSON, `{"type":"Feature"}`, `type "Feature": want a FeatureCollection`},
		"without features":        {source.GeoJSON, `{"a":1}`, `no "features" in the file`},
		"projected metres":        {source.GeoJSON, `{"crs":{"properties":{"name":"EPSG:26985"}},"features":[]}`, "ogr2ogr -t_srs EPSG:4326"},
		"cut before the features": {source.GeoJSON, `{"type":"FeatureColl`, `the file ends before its "features"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, test.content)
			_, err := source.Open(path, source.Options{Format: test.format}, source.Cursor{})
			var file *source.FileError
			require.ErrorAs(t, err, &file)
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, path)
		})
	}
	_, err := source.Open(filepath.Join(t.TempDir(), "absent"), source.Options{Format: source.CSV}, source.Cursor{})
	require.ErrorContains(t, err, "no such file")
}
