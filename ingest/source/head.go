package source

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// headSize is how much of a file is looked at to recognise its encoding and format.
const headSize = 64 << 10

var signatures = []struct {
	prefix string
	what   string
}{
	{"PK\x03\x04", "a ZIP archive or an Excel workbook: export the sheet as CSV in UTF-8"},
	{"\x1f\x8b", "compressed with gzip: unpack it first (gunzip)"},
	{"BZh", "compressed with bzip2: unpack it first (bunzip2)"},
	{"%PDF", "a PDF document: ask for the data as CSV or GeoJSON"},
	{"\xd0\xcf\x11\xe0", "an old Excel workbook: export the sheet as CSV in UTF-8"},
	{"SQLite format 3", "a SQLite database or GeoPackage: export the layer as GeoJSON"},
	{"\xff\xfe", "UTF-16 text: convert it with iconv -f UTF-16 -t UTF-8"},
	{"\xfe\xff", "UTF-16 text: convert it with iconv -f UTF-16 -t UTF-8"},
}

// checkHead recognises what is not UTF-8 text of the promised format. It returns where the text starts: after a byte order
// mark, if there is one.
func checkHead(head []byte, options Options) (start int64, reason string) {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.prefix)) {
			return 0, "the file is " + s.what
		}
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		start = 3
	}
	text := head[start:]
	if n := bytes.Count(text, []byte{0}); n*4 > len(text) {
		return 0, "every other byte is zero: the file is UTF-16 text without a mark; convert it with iconv -f UTF-16 -t UTF-8"
	}
	if good, bad := countRunes(text); bad > good && bad > 0 {
		return 0, fmt.Sprintf("the text is not UTF-8 (%s); it looks like Windows-1252 or Latin-1: convert it with iconv -f WINDOWS-1252 -t UTF-8", invalidByte(text))
	}
	return start, checkStart(bytes.TrimLeft(text, " \t\r\n"), options.Format)
}

// countRunes counts characters beyond ASCII that are UTF-8, and bytes that are not.
func countRunes(text []byte) (good, bad int) {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			if len(text) >= utf8.UTFMax || len(text) == 0 {
				bad++
			}
		case size > 1:
			good++
		}
		text = text[size:]
	}
	return good, bad
}

// checkStart compares the first character with the format that the profile promises.
func checkStart(text []byte, format Format) string {
	if len(text) == 0 {
		return "the file is empty"
	}
	switch first := text[0]; {
	case first == '<':
		return "the file is XML or HTML (perhaps KML, or an error page saved by mistake): want " + string(format)
	case format == GeoJSON && first == '[':
		return "the file is a JSON list: want a GeoJSON FeatureCollection"
	case format == GeoJSON && first != '{':
		return "the file does not begin with {: want a GeoJSON FeatureCollection"
	case format == JSONLines && first == '[':
		return "the file is one JSON list: want one object on each line (jq -c '.[]' makes it so)"
	case format == JSONLines && first != '{':
		return "the file does not begin with {: want one JSON object on each line"
	case format == CSV && (first == '{' || first == '['):
		return "the file is JSON: want CSV with a header line; say format: jsonl or geojson in the profile"
	}
	return ""
}
