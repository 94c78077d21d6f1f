package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"

	"github.com/xuri/excelize/v2"
)

// WriteCSV writes a table as CSV that is safe to open in a spreadsheet program: a text that would be taken for a formula
// gets an apostrophe before it.
func WriteCSV(w io.Writer, header []string, rows iter.Seq2[[]any, error]) error {
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return fmt.Errorf("write a table: %w", err)
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		texts := make([]string, len(row))
		for i, value := range row {
			texts[i] = fmt.Sprint(value)
			if text, is := value.(string); is {
				texts[i] = harmless(text)
			}
		}
		if err := out.Write(texts); err != nil {
			return fmt.Errorf("write a table: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

func harmless(text string) string {
	if text == "" {
		return text
	}
	switch text[0] {
	case '=', '+', '-', '@', '\t', '\r':
		return "'" + text
	}
	return text
}

// WriteXLSX writes a table as a workbook with one sheet. Texts are texts there, whatever they begin with; rows are streamed.
func WriteXLSX(w io.Writer, sheet string, header []string, rows iter.Seq2[[]any, error]) error {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	stream, err := book.NewStreamWriter(sheet)
	if err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	names := make([]any, len(header))
	for i, name := range header {
		names[i] = name
	}
	if err := stream.SetRow("A1", names); err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	line := 1
	for row, err := range rows {
		if err != nil {
			return err
		}
		line++
		if err := stream.SetRow(fmt.Sprintf("A%d", line), row); err != nil {
			return fmt.Errorf("write a workbook: row %d: %w", line, err)
		}
	}
	if err := stream.Flush(); err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	if err := book.Write(w); err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	return nil
}
