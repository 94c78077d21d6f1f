package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// span is a merged range.
type span struct {
	ref                  string
	top, left, low, wide int64
}

// merged finds the merged ranges, which stand behind the rows.
func (w *workbook) merged(name string) ([]span, error) {
	part, err := w.part(name)
	if err != nil || part == nil {
		return nil, err
	}
	defer func() { _ = part.Close() }()
	in, rows := xml.NewDecoder(part), 0
	var list []span
	for {
		part.grant()
		token, err := in.RawToken()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, w.fault(0, "the sheet is damaged: %v", err)
		}
		start, is := token.(xml.StartElement)
		if !is {
			continue
		}
		if start.Name.Local == "row" {
			if rows++; rows > MaxRows+1 {
				return nil, nil // refused when the rows are read
			}
		}
		if start.Name.Local != "mergeCell" || len(list) >= 10_000 {
			continue
		}
		for _, attribute := range start.Attr {
			if from, to, is := strings.Cut(attribute.Value, ":"); attribute.Name.Local == "ref" && is {
				left, top := place(from)
				wide, low := place(to)
				list = append(list, span{attribute.Value, top, left, low, wide})
			}
		}
	}
}
