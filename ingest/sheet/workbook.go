package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/city-resource-graph/crg/ingest/source"
)

// Bounds of a workbook. A larger table is for CSV, which has none.
const (
	MaxRows   = 100_000
	maxText   = 64 << 20 // bytes of the workbook's texts
	maxPart   = 1 << 30  // bytes of one part, unpacked
	maxRead   = 4 << 20  // bytes of one element: a row, a text, or a small part as a whole
	maxColumn = 1024
)

// workbook is an open workbook.
type workbook struct {
	name   string // for messages
	zip    *zip.ReadCloser
	sheets []sheetEntry
	since  bool // dates count from 1904
	texts  []string
	dates  []dateStyle // by cell style
}

type sheetEntry struct {
	Name string `xml:"name,attr"`
	ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
	part string
}

func (w *workbook) fault(line int64, format string, args ...any) error {
	return &source.FileError{Path: w.name, Line: line, Reason: fmt.Sprintf(format, args...)}
}

// openWorkbook reads what all sheets share.
func openWorkbook(name string) (*workbook, error) {
	archive, err := zip.OpenReader(name)
	if err != nil {
		if errors.Is(err, zip.ErrFormat) {
			return nil, &source.FileError{Path: name, Reason: "not a workbook (.xlsx): save it as one, or import CSV with format: csv"}
		}
		return nil, &source.FileError{Path: name, Reason: plainReason(err)}
	}
	w := &workbook{name: name, zip: archive}
	if err := errors.Join(w.readSheets(), w.readTexts(), w.readStyles()); err != nil {
		_ = archive.Close()
		return nil, err
	}
	return w, nil
}

func plainReason(err error) string {
	if strings.Contains(err.Error(), "no such file") {
		return "no such file"
	}
	return "cannot be opened: " + err.Error()
}

// part opens a part of the workbook; nil when it has none of that name.
func (w *workbook) part(name string) (*rationed, error) {
	for _, file := range w.zip.File {
		if strings.EqualFold(file.Name, name) {
			if file.UncompressedSize64 > maxPart {
				return nil, w.fault(0, "%s unpacks to %d bytes: want at most %d", name, file.UncompressedSize64, maxPart)
			}
			part, err := file.Open()
			if err != nil {
				return nil, w.fault(0, "%s cannot be read: %v", name, err)
			}
			return &rationed{in: part, whole: maxPart, left: maxRead}, nil
		}
	}
	return nil, nil //nolint:nilnil // parts such as the texts may be missing
}

// rationed reads a part of the workbook. A decoder holds an element in memory as a whole, and a small archive can unpack to
// a very large one: whoever reads grants it so many bytes for each.
type rationed struct {
	in          io.ReadCloser
	whole, left int64
}

var errElementTooLarge = fmt.Errorf("an element has more than %d bytes", int64(maxRead))

// Read reads what is granted.
func (r *rationed) Read(to []byte) (int, error) {
	most := min(r.left, r.whole)
	if most <= 0 {
		return 0, errElementTooLarge
	}
	n, err := r.in.Read(to[:min(int64(len(to)), most)])
	r.left, r.whole = r.left-int64(n), r.whole-int64(n)
	return n, err
}

// grant begins another element.
func (r *rationed) grant() { r.left = maxRead }

// Close closes the part.
func (r *rationed) Close() error { return r.in.Close() }

// decode reads a small part as a whole.
func (w *workbook) decode(name string, into any) error {
	part, err := w.part(name)
	if err != nil || part == nil {
		return err
	}
	defer func() { _ = part.Close() }()
	if err := xml.NewDecoder(part).Decode(into); err != nil {
		return w.fault(0, "%s is damaged: %v", name, err)
	}
	return nil
}

func (w *workbook) readSheets() error {
	var book struct {
		Properties struct {
			Date1904 bool `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []sheetEntry `xml:"sheets>sheet"`
	}
	var relations struct {
		List []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := errors.Join(w.decode("xl/workbook.xml", &book), w.decode("xl/_rels/workbook.xml.rels", &relations)); err != nil {
		return err
	}
	for i := range book.Sheets {
		for _, relation := range relations.List {
			if relation.ID == book.Sheets[i].ID {
				book.Sheets[i].part = strings.TrimPrefix(path.Join("xl", relation.Target), "/")
				if strings.HasPrefix(relation.Target, "/") {
					book.Sheets[i].part = strings.TrimPrefix(relation.Target, "/")
				}
			}
		}
	}
	w.sheets, w.since = book.Sheets, book.Properties.Date1904
	if len(w.sheets) == 0 {
		return w.fault(0, "the workbook has no sheet")
	}
	return nil
}

// find is the part of a sheet.
func (w *workbook) find(sheet string) (string, error) {
	names := make([]string, len(w.sheets))
	for i, s := range w.sheets {
		if strings.EqualFold(strings.TrimSpace(s.Name), sheet) {
			return s.part, nil
		}
		names[i] = strconv.Quote(s.Name)
	}
	return "", w.fault(0, "no sheet %q; the workbook has %s: name the sheet so", sheet, strings.Join(names, ", "))
}

// readTexts takes in the texts that cells refer to by number. Rich text loses its looks.
func (w *workbook) readTexts() error {
	part, err := w.part("xl/sharedStrings.xml")
	if err != nil || part == nil {
		return err
	}
	defer func() { _ = part.Close() }()
	in, size := xml.NewDecoder(part), 0
	for {
		part.grant()
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return w.fault(0, "the workbook's texts are damaged: %v", err)
		}
		start, is := token.(xml.StartElement)
		if !is || start.Name.Local != "si" {
			continue
		}
		var text richText
		if err := in.DecodeElement(&text, &start); err != nil {
			return w.fault(0, "the workbook's texts are damaged: %v", err)
		}
		w.texts = append(w.texts, text.String())
		if size += len(w.texts[len(w.texts)-1]) + 16; size > maxText {
			return w.fault(0, "the workbook holds more than %d bytes of text: save the sheet as CSV (UTF-8) and import that", maxText)
		}
	}
}

// richText is a text, or pieces of one with looks of their own.
type richText struct {
	Text string `xml:"t"`
	Runs []struct {
		Text string `xml:"t"`
	} `xml:"r"`
}

func (t richText) String() string {
	var out strings.Builder
	out.WriteString(t.Text)
	for _, run := range t.Runs {
		out.WriteString(run.Text)
	}
	return out.String()
}
