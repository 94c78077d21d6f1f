package source

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Flat is what files that cannot be read from the middle are unpacked into: one row a line, each with the line and the file
// where it came from. It is never a user's format; a data folder does not hold it.
const Flat Format = "flat"

// FlatWriter writes a flat file.
type FlatWriter struct{ out *bufio.Writer }

// flatHead is the first line of a flat file.
type flatHead struct {
	Cells map[string]string `json:"cells,omitempty"` // of a sheet: the letters of each column
}

// flatRow is one further line. A row has values or a fault.
type flatRow struct {
	Line  int64           `json:"line"`
	File  string          `json:"file,omitempty"`
	Row   json.RawMessage `json:"row,omitempty"`
	Fault *Fault          `json:"fault,omitempty"`
}

// NewFlatWriter begins a flat file. Cells are the letters of a sheet's columns, nil elsewhere.
func NewFlatWriter(w io.Writer, cells map[string]string) (*FlatWriter, error) {
	f := &FlatWriter{out: bufio.NewWriterSize(w, 256<<10)}
	return f, f.write(flatHead{Cells: cells})
}

// Row writes one row: an object as JSON. File is where it came from when that is not the data set's own file. A row that
// no database would keep is written as a faulty one.
func (f *FlatWriter) Row(line int64, file string, object []byte) error {
	if len(object) > MaxRow {
		return f.Fault(line, file, Fault{Value: excerpt(object), Reason: fmt.Sprintf("the row has %d bytes: want at most %d", len(object), MaxRow)})
	}
	if fault := checkJSON(object); fault != nil {
		return f.Fault(line, file, *fault)
	}
	return f.write(flatRow{Line: line, File: file, Row: object})
}

// Fault writes a row that cannot be read.
func (f *FlatWriter) Fault(line int64, file string, fault Fault) error {
	fault.Value = excerpt([]byte(fault.Value))
	return f.write(flatRow{Line: line, File: file, Fault: &fault})
}

// Flush writes what is held.
func (f *FlatWriter) Flush() error { return f.out.Flush() }

func (f *FlatWriter) write(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write a flat row: %w", err)
	}
	_, err = f.out.Write(append(text, '\n'))
	return err
}

// flat reads a flat file.
type flat struct {
	in    *bufio.Reader
	at    Cursor
	known columnNames
	cells map[string]string
}

// flatCells reads the head of a flat file and finds where its rows begin.
func flatCells(file io.ReadSeeker) (map[string]string, Cursor, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, Cursor{}, fmt.Errorf("seeking in a flat file: %w", err)
	}
	text, err := bufio.NewReader(file).ReadBytes('\n')
	if err != nil {
		return nil, Cursor{}, fmt.Errorf("reading the head of a flat file: %w", err)
	}
	var head flatHead
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, Cursor{}, fmt.Errorf("reading the head of a flat file: %w", err)
	}
	return head.Cells, Cursor{Offset: int64(len(text)), Line: 2}, nil
}

func newFlat(in io.Reader, cells map[string]string, at Cursor) *flat {
	return &flat{in: bufio.NewReaderSize(in, 256<<10), at: at, known: columnNames{}, cells: cells}
}

// Cursor is where the next row starts.
func (f *flat) Cursor() Cursor { return f.at }

// Next returns the next row, or io.EOF.
func (f *flat) Next() (Record, error) {
	text, err := f.in.ReadBytes('\n')
	if errors.Is(err, io.EOF) && len(text) == 0 {
		return Record{}, io.EOF
	}
	if err != nil {
		return Record{}, fmt.Errorf("reading a flat file: %w", err)
	}
	f.at.Offset += int64(len(text))
	f.at.Line++
	f.at.Row++
	var row flatRow
	if err := json.Unmarshal(text, &row); err != nil {
		return Record{}, fmt.Errorf("reading a flat file: %w", err)
	}
	record := Record{Line: row.Line, File: row.File, Number: f.at.Row, Raw: row.Row, Fault: row.Fault, cells: f.cells, unpacked: len(f.cells) == 0}
	if row.Fault != nil {
		record.Raw = bytes.Clone([]byte(row.Fault.Value))
		return record, nil
	}
	record.fill(row.Row, f.known)
	return record, nil
}

// Place is the number that no other row of the file has: its line, or the number of the row where several come from one line.
func (r *Record) Place() int64 {
	if r.unpacked {
		return r.Number
	}
	return r.Line
}

// Cell names the cell of a sheet in which the row has a column, such as E17; empty where rows are no rows of a sheet.
func (r *Record) Cell(column string) string {
	letters, is := r.cells[column]
	if !is {
		return ""
	}
	return letters + strconv.FormatInt(r.Line, 10)
}
