package source

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Format names a file format.
type Format string

// The formats.
const (
	GeoJSON   Format = "geojson"
	CSV       Format = "csv"
	JSONLines Format = "jsonl"
	XLSX      Format = "xlsx" // unpacked by package sheet
	HSDS      Format = "hsds" // unpacked by package hsds
)

// Cursor is a place in a file from which reading can resume: the byte offset, the line there and the rows before it. The
// zero cursor is the beginning.
type Cursor struct {
	Offset int64 `json:"offset"`
	Line   int64 `json:"line"`
	Row    int64 `json:"row"`
}

// Options says how a file is to be read.
type Options struct {
	Format    Format
	Delimiter byte // CSV; zero is a comma, or what the header is plainly split by
}

// Reader reads the rows of one file.
type Reader interface {
	// Next returns the next row, faulty ones with their fault, or io.EOF after the last.
	Next() (Record, error)
	// Cursor is where the next row starts.
	Cursor() Cursor
}

// File is an open file of rows.
type File struct {
	Reader
	Header []string // CSV only
	file   *os.File
}

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// FileError says why a file cannot be read at all, and what would be right.
type FileError struct {
	Path   string
	Line   int64 // 0 when it is about the whole file
	Reason string
}

func (e *FileError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s, line %d: %s", e.Path, e.Line, e.Reason)
	}
	return e.Path + ": " + e.Reason
}

// Open opens a file for reading from a cursor. Its format, encoding and header are checked first.
func Open(path string, options Options, at Cursor) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, &FileError{Path: path, Reason: "no such file"}
		}
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	opened, err := open(file, path, options, at)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return opened, nil
}

func open(file *os.File, path string, options Options, at Cursor) (*File, error) {
	if options.Format == Flat {
		return openFlat(file, at)
	}
	head := make([]byte, headSize)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	start, reason := checkHead(head[:n], options)
	if reason != "" {
		return nil, &FileError{Path: path, Line: 1, Reason: reason}
	}
	opened := &File{file: file}
	first, delimiter := Cursor{Offset: start, Line: 1}, byte(0)
	if options.Format == CSV {
		if opened.Header, delimiter, first, err = header(file, path, options.Delimiter, first); err != nil {
			return nil, err
		}
	}
	if options.Format == GeoJSON && at == (Cursor{}) {
		if first, err = features(file, path, first); err != nil {
			return nil, err
		}
	}
	if at == (Cursor{}) {
		at = first
	}
	if _, err := file.Seek(at.Offset, io.SeekStart); err != nil {
		return nil, fmt.Errorf("seeking in %s: %w", path, err)
	}
	switch options.Format {
	case GeoJSON:
		opened.Reader = newCollection(file, at)
	case CSV:
		opened.Reader = newTable(file, opened.Header, delimiter, at)
	case JSONLines:
		opened.Reader = newJSONLines(file, at)
	default:
		return nil, fmt.Errorf("format %q: want geojson, csv, jsonl, xlsx or hsds", string(options.Format))
	}
	return opened, nil
}

func openFlat(file *os.File, at Cursor) (*File, error) {
	cells, first, err := flatCells(file)
	if err != nil {
		return nil, err
	}
	if at == (Cursor{}) {
		at = first
	}
	if _, err := file.Seek(at.Offset, io.SeekStart); err != nil {
		return nil, fmt.Errorf("seeking in a flat file: %w", err)
	}
	return &File{Reader: newFlat(file, cells, at), file: file}, nil
}

// header reads the CSV header and finds by what it is split and where the rows begin. Where nobody stated a delimiter and
// no comma stands in the header, it is what stands there instead: a spreadsheet of half the world saves semicolons.
func header(file io.ReadSeeker, path string, stated byte, at Cursor) ([]string, byte, Cursor, error) {
	if _, err := file.Seek(at.Offset, io.SeekStart); err != nil {
		return nil, 0, Cursor{}, fmt.Errorf("seeking in %s: %w", path, err)
	}
	in := newLines(file, at)
	current, err := in.next()
	if errors.Is(err, io.EOF) {
		return nil, 0, Cursor{}, &FileError{Path: path, Reason: "the file is empty: want a header line"}
	}
	if err != nil {
		return nil, 0, Cursor{}, fmt.Errorf("reading %s: %w", path, err)
	}
	delimiter := cmp.Or(stated, ',')
	fields, open, fault := split(current.text, delimiter)
	if other := likelyDelimiter(current.text, delimiter); len(fields) <= 1 && other != 0 {
		if stated != 0 {
			return nil, 0, Cursor{}, &FileError{Path: path, Line: current.number, Reason: fmt.Sprintf(
				"the header is one field when split at %q: the file seems to use %q; say delimiter: %q in the profile", stated, other, string(other))}
		}
		delimiter = other
		fields, open, fault = split(current.text, delimiter)
	}
	if open || fault != nil || current.tooBig {
		return nil, 0, Cursor{}, &FileError{Path: path, Line: current.number, Reason: "the header line is not CSV: check its quotes"}
	}
	names := make([]string, len(fields))
	seen := map[string]bool{}
	for i, field := range fields {
		names[i] = composed(string(bytes.TrimSpace(field)))
		if seen[names[i]] {
			return nil, 0, Cursor{}, &FileError{Path: path, Line: current.number, Reason: fmt.Sprintf("the header names %q twice", names[i])}
		}
		seen[names[i]] = true
	}
	return names, delimiter, Cursor{Offset: in.offset, Line: in.number}, nil
}

// likelyDelimiter finds a delimiter that would split the header.
func likelyDelimiter(text []byte, given byte) byte {
	for _, other := range []byte{';', '\t', '|', ','} {
		if other != given && strings.IndexByte(string(text), other) >= 0 {
			return other
		}
	}
	return 0
}
