package source_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/ingest/source"
)

// Whatever a file holds, reading ends, lines and row numbers rise, and reading on from any cursor gives the same rows as
// reading through.
func checkReader(t *testing.T, content string, format source.Format) {
	t.Helper()
	path := write(t, content)
	file, err := source.Open(path, source.Options{Format: format}, source.Cursor{})
	if err != nil {
		var whole *source.FileError
		require.ErrorAs(t, err, &whole)
		return
	}
	defer func() { _ = file.Close() }()
	var told []string
	var cursors []source.Cursor
	for last := int64(0); ; {
		at := file.Cursor()
		record, err := file.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.GreaterOrEqual(t, record.Line, last)
		require.Equal(t, int64(len(told)+1), record.Number)
		require.LessOrEqual(t, at.Offset, int64(len(content)))
		require.Less(t, len(told), len(content)+2)
		last = record.Line
		told, cursors = append(told, tell(&record, record.Columns())), append(cursors, at)
	}
	for i, at := range cursors {
		if i > 0 && i%max(1, len(cursors)/5) == 0 {
			require.Equal(t, told[i:], readFrom(t, path, format, at))
		}
	}
}

func readFrom(t *testing.T, path string, format source.Format, at source.Cursor) []string {
	t.Helper()
	file, err := source.Open(path, source.Options{Format: format}, at)
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	var told []string
	for {
		record, err := file.Next()
		if errors.Is(err, io.EOF) {
			return told
		}
		require.NoError(t, err)
		told = append(told, tell(&record, record.Columns()))
	}
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "a,b\n\"x\ny\",2\n3", "a,b\n\"1,2\n3,4\n\"5\",\"6\"\"\"\n", "a\n\"\n\"\n\n\"", "a;b\n", "a,b\r\n\x00,\xff\r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) { checkReader(t, content, source.CSV) })
}

func FuzzJSONLines(f *testing.F) {
	for _, seed := range []string{"{\"a\":1}\n", "{\"a\":[1,{}],\"b\":\"\\ud83d\\ude00\"}\n{\n", "{}\n[]\n{\"\":1e9}", "{\"a\":\"\\u0000\"}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) { checkReader(t, content, source.JSONLines) })
}

func FuzzGeoJSON(f *testing.F) {
	point := `{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"a":"x"}}`
	for _, seed := range []string{
		point, `,` + point + "\n" + point, point[:40] + "\n," + point, point + "}," + point, `{"a":"x` + "\n" + point, strings.Repeat("{", 90), "]", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		checkReader(t, `{"type":"FeatureCollection","features":[`+content, source.GeoJSON)
		checkReader(t, content, source.GeoJSON)
	})
}
