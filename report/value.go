package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/city-resource-graph/crg/city"
	value "github.com/city-resource-graph/crg/valuation/report"
)

// WriteValueHTML writes the valuation's own page: every group, figure and source, with the run's prices of scarcity, what
// a no would have cost, and why the realised value differs from the expected one.
func WriteValueHTML(w io.Writer, r *Report) error {
	extras, currency := r.Extras, city.Currency(r.City.Currency)
	for _, s := range r.Scarcity {
		line := value.Scarcity{Category: city.Leaf(s.Leaf), Side: city.Side(s.Side), Ward: s.Ward, ValidFor: s.ValidFor}
		var err error
		if line.Low, line.High, err = both(s.Low, s.High, currency); err != nil {
			return err
		}
		if line.Most, err = city.ParseMinor(s.Most, currency); err != nil {
			return fmt.Errorf("amount of the report: %w", err)
		}
		if line.High > 0 {
			extras.Scarcity = append(extras.Scarcity, line)
		}
	}
	for _, o := range r.Overrides {
		line := value.OverrideCost{Match: o.Summary + " " + strings.TrimPrefix(o.Match, r.Run.ID+":"), Decided: o.State}
		var err error
		if line.AtLeast, line.AtMost, err = both(o.AtLeast, o.AtMost, currency); err != nil {
			return err
		}
		extras.Overrides = append(extras.Overrides, line)
	}
	return value.HTML(w, r.Value, extras)
}

func both(low, high string, currency city.Currency) (lowMinor, highMinor int64, err error) {
	if lowMinor, err = city.ParseMinor(low, currency); err != nil {
		return 0, 0, fmt.Errorf("amount of the report: %w", err)
	}
	highMinor, err = city.ParseMinor(high, currency)
	return lowMinor, highMinor, err
}

// WriteValueCSV writes one line for each match.
func WriteValueCSV(w io.Writer, r *Report) error { return value.CSV(w, r.Value) }

// WriteValueJSON writes the valuation as crg value --json does.
func WriteValueJSON(w io.Writer, r *Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r.Value); err != nil {
		return fmt.Errorf("write value.json: %w", err)
	}
	return nil
}
