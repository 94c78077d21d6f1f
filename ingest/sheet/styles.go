package sheet

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// dateStyle says whether a number with a style is a date, a time of day, or both.
type dateStyle struct{ date, clock bool }

// readStyles finds which cell styles show numbers as dates.
func (w *workbook) readStyles() error {
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := w.decode("xl/styles.xml", &styles); err != nil {
		return err
	}
	own := map[int]dateStyle{}
	for _, format := range styles.Formats {
		own[format.ID] = styleOf(format.Code)
	}
	for _, cell := range styles.Cells {
		style, is := own[cell.Format]
		if !is {
			style = builtIn(cell.Format)
		}
		w.dates = append(w.dates, style)
	}
	return nil
}

// builtIn are the formats that a workbook does not spell out (ECMA-376, 18.8.30).
func builtIn(format int) dateStyle {
	switch {
	case format >= 14 && format <= 17, format >= 27 && format <= 31, format == 36, format >= 50 && format <= 58:
		return dateStyle{date: true}
	case format >= 18 && format <= 21, format >= 45 && format <= 47, format >= 32 && format <= 35:
		return dateStyle{clock: true}
	case format == 22:
		return dateStyle{date: true, clock: true}
	}
	return dateStyle{}
}

// styleOf reads a format code: y and d are of dates, h and s of clocks; what stands in quotes or brackets is neither.
func styleOf(code string) dateStyle {
	var style dateStyle
	code, _, _ = strings.Cut(code, ";") // the form of positive numbers
	skip := rune(0)
	for _, r := range strings.ToLower(code) {
		switch {
		case skip != 0:
			if r == skip {
				skip = 0
			}
		case r == '"':
			skip = '"'
		case r == '[':
			skip = ']'
		case r == 'y' || r == 'd':
			style.date = true
		case r == 'h' || r == 's':
			style.clock = true
		}
	}
	return style
}

// date writes a day number as the profile language reads times: 2025-06-02, 2025-06-02 14:30 or 14:30.
func (w *workbook) date(text string, style dateStyle) (string, bool) {
	days, err := strconv.ParseFloat(text, 64)
	if err != nil || days < 0 || days > 2958466 { // 31 December 9999
		return "", false
	}
	origin := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC) // a day early, for the leap day that 1900 did not have
	if w.since {
		origin = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	whole := math.Floor(days)
	at := origin.AddDate(0, 0, int(whole)).Add(time.Duration(math.Round((days-whole)*86400)) * time.Second)
	switch {
	case !style.date:
		return at.Format("15:04"), true
	case at.Hour()+at.Minute()+at.Second() == 0:
		return at.Format("2006-01-02"), true
	}
	return at.Format("2006-01-02 15:04:05"), true
}
