package ingest

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// WriteRejects writes rejected rows as CSV: file, line, key, field, value and what would be right.
func WriteRejects(w io.Writer, rows []Row) error {
	out := csv.NewWriter(w)
	lines := [][]string{{"file", "line", "key", "field", "value", "reason"}}
	for i := range rows {
		if row := &rows[i]; row.Outcome == Rejected {
			lines = append(lines, []string{row.File, strconv.FormatInt(row.Line, 10), row.Key, row.Field, row.Value, row.Reason})
		}
	}
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("writing the rejected rows: %w", err)
	}
	return nil
}
