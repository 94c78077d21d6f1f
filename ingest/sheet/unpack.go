package sheet

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/city-resource-graph/crg/ingest/source"
)

// Unpack writes the rows of a sheet as a flat file. The first row that is not blank names the columns. Blank rows are no
// rows. A row with a formula, a merged cell, an error such as #REF! or a value under no column becomes a faulty row.
func Unpack(path, sheet string, out io.Writer) error {
	w, err := openWorkbook(path)
	if err != nil {
		return err
	}
	defer func() { _ = w.zip.Close() }()
	part, err := w.find(sheet)
	if err != nil {
		return err
	}
	merged, err := w.merged(part)
	if err != nil {
		return err
	}
	u := &unpacker{book: w, merged: merged, to: out}
	if err := w.rows(part, u.row); err != nil {
		return err
	}
	if u.flat == nil {
		return w.fault(0, "sheet %q is empty: want a first row with the columns' names", sheet)
	}
	return u.flat.Flush()
}

// rows visits the rows of a sheet in order.
func (w *workbook) rows(name string, visit func(line int64, cells []cell) error) error {
	part, err := w.part(name)
	if err != nil {
		return err
	}
	if part == nil {
		return w.fault(0, "the sheet's part %s is missing: the workbook is damaged", name)
	}
	defer func() { _ = part.Close() }()
	in, line, count := xml.NewDecoder(part), int64(0), 0
	for {
		part.grant()
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return w.fault(line, "the sheet is damaged: %v", err)
		}
		start, is := token.(xml.StartElement)
		if !is || start.Name.Local != "row" {
			continue
		}
		if count++; count > MaxRows+1 {
			return w.fault(0, "the sheet has more than %d rows: save it as CSV (UTF-8) and import that; a CSV file may have any number", MaxRows)
		}
		var row struct {
			Line  int64  `xml:"r,attr"`
			Cells []cell `xml:"c"`
		}
		if err := in.DecodeElement(&row, &start); err != nil {
			return w.fault(line, "the sheet is damaged: %v", err)
		}
		if line++; row.Line > 0 {
			line = row.Line
		}
		if err := visit(line, row.Cells); err != nil {
			return err
		}
	}
}

// unpacker writes rows as they come.
type unpacker struct {
	book    *workbook
	merged  []span
	to      io.Writer
	flat    *source.FlatWriter
	columns map[int64]string
}

func (u *unpacker) row(line int64, cells []cell) error {
	if u.flat == nil {
		return u.header(line, cells)
	}
	for _, m := range u.merged {
		if line >= m.top && line <= m.low {
			return u.flat.Fault(line, "", source.Fault{
				Field: u.columns[m.left], Value: m.ref,
				Reason: fmt.Sprintf("cells %s are merged: unmerge them and fill in each cell", m.ref),
			})
		}
	}
	var row bytes.Buffer
	row.WriteByte('{')
	for i := range cells {
		column, _ := place(cells[i].Ref)
		if column == 0 {
			column = int64(i) + 1
		}
		value, fault := u.book.value(&cells[i])
		if fault == nil && value == "" {
			continue
		}
		name, known := u.columns[column]
		if fault == nil && !known {
			fault = &source.Fault{Value: value, Reason: "a value in a column without a name: name the column in the first row, or clear the cell"}
		}
		if fault != nil {
			fault.Field = name
			fault.Reason = "cell " + letters(column) + strconv.FormatInt(line, 10) + ": " + fault.Reason
			return u.flat.Fault(line, "", *fault)
		}
		quoted, _ := json.Marshal(name) // a text always marshals
		if row.Len() > 1 {
			row.WriteByte(',')
		}
		row.Write(quoted)
		row.WriteByte(':')
		row.WriteString(value)
	}
	row.WriteByte('}')
	if row.Len() == 2 {
		return nil
	}
	return u.flat.Row(line, "", row.Bytes())
}

// header reads the columns' names from the first row that is not blank.
func (u *unpacker) header(line int64, cells []cell) error {
	columns, names := map[int64]string{}, map[string]string{}
	for i := range cells {
		column, _ := place(cells[i].Ref)
		value, fault := u.book.value(&cells[i])
		if fault != nil {
			return u.book.fault(line, "cell %s: %s", cells[i].Ref, fault.Reason)
		}
		name := unquoted(value)
		if name == "" {
			continue
		}
		if column > maxColumn {
			return u.book.fault(line, "cell %s: more than %d columns", cells[i].Ref, maxColumn)
		}
		if _, twice := names[name]; twice {
			return u.book.fault(line, "cells %s%d and %s name the column %q twice", names[name], line, cells[i].Ref, name)
		}
		columns[column], names[name] = name, letters(column)
	}
	if len(columns) == 0 {
		return nil
	}
	for _, m := range u.merged {
		if line >= m.top && line <= m.low {
			return u.book.fault(line, "cells %s are merged: the first row must hold the columns' names, one in each cell", m.ref)
		}
	}
	u.columns = columns
	var err error
	u.flat, err = source.NewFlatWriter(u.to, names)
	return err
}
