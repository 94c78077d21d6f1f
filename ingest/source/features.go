package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// features finds the list of features of a GeoJSON file and checks what stands before it.
func features(file io.ReadSeeker, path string, at Cursor) (Cursor, error) {
	if _, err := file.Seek(at.Offset, io.SeekStart); err != nil {
		return Cursor{}, fmt.Errorf("seeking in %s: %w", path, err)
	}
	c := newCollection(file, at)
	reason, err := c.prologue()
	if errors.Is(err, io.EOF) {
		reason = `the file ends before its "features": it may have been cut`
	} else if err != nil {
		return Cursor{}, fmt.Errorf("reading %s: %w", path, err)
	}
	if reason != "" {
		return Cursor{}, &FileError{Path: path, Line: c.line, Reason: reason}
	}
	return c.Cursor(), nil
}

// prologue reads the members before "features" and the bracket that opens them.
func (c *collection) prologue() (reason string, err error) {
	const space = " \t\r\n"
	if err := c.skip(space); err != nil {
		return "", err
	}
	if next, err := c.read(); err != nil || next != '{' {
		return "want { at the beginning of a GeoJSON file", err
	}
	for {
		if err := c.skip(space + ","); err != nil {
			return "", err
		}
		name, err := c.value()
		if err != nil {
			return "", err
		}
		if len(name) < 2 || name[0] != '"' {
			return fmt.Sprintf(`no "features" in the file: found %q where a member was expected`, excerpt(name)), nil
		}
		if err := c.skip(space + ":"); err != nil {
			return "", err
		}
		if string(name) == `"features"` {
			if next, err := c.read(); err != nil || next != '[' {
				return `"features" is not a list`, err
			}
			return "", nil
		}
		value, err := c.value()
		if err != nil {
			return "", err
		}
		if reason := checkMember(string(name), value); reason != "" {
			return reason, nil
		}
	}
}

func checkMember(name string, value []byte) string {
	switch name {
	case `"type"`:
		if string(value) != `"FeatureCollection"` {
			return fmt.Sprintf("type %s: want a FeatureCollection", excerpt(value))
		}
	case `"crs"`:
		text := string(value)
		if text != "null" && !strings.Contains(text, "CRS84") && !strings.Contains(text, "4326") {
			return fmt.Sprintf("crs %s: want WGS 84 degrees; reproject the layer with ogr2ogr -t_srs EPSG:4326", excerpt(value))
		}
	}
	return ""
}

// value reads one JSON value of the prologue. More than a row's size of it is refused rather than held.
func (c *collection) value() ([]byte, error) {
	var raw []byte
	depth, inString, escaped := 0, false, false
	for len(raw) <= MaxRow {
		next, err := c.read()
		if err != nil {
			return nil, err
		}
		if !inString && depth == 0 && len(raw) > 0 && bytes.IndexByte([]byte(",}]: \t\r\n"), next) >= 0 {
			c.unread([]byte{next})
			return raw, nil
		}
		raw = append(raw, next)
		switch {
		case escaped:
			escaped = false
		case inString && next == '\\':
			escaped = true
		case next == '"':
			if inString = !inString; !inString && depth == 0 {
				return raw, nil
			}
		case !inString && (next == '{' || next == '['):
			depth++
		case !inString && (next == '}' || next == ']'):
			if depth--; depth <= 0 {
				return raw, nil
			}
		}
	}
	return raw, nil
}
