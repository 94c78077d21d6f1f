package valuation

import (
	"fmt"
	"reflect"
)

// Valued is what a stored valuation was computed from.
type Valued struct {
	Parameters *Parameters
	Matches    []Match
	Recorded   *Recorded // nil: valued just now
}

// Recorded is what a valuation came to when it was stored, and by which formulas; empty: before they had a version.
type Recorded struct {
	Formulas string
	NSV      int64
}

// CauseKind groups the causes of a difference.
type CauseKind string

// Kinds of causes.
const (
	FormulasCause CauseKind = "formulas" // other formulas than those that the earlier one was recorded by
	MethodCause   CauseKind = "method"   // price year, index, or the taxonomy's figures
	FigureCause   CauseKind = "figure"   // one parameter's figures
	QuantityCause CauseKind = "quantity" // measured instead of estimated
	InputCause    CauseKind = "input"    // another fact of a match: distance, category, an override
	AddedCause    CauseKind = "added"    // matches that were not in the earlier valuation
	RemovedCause  CauseKind = "removed"  // matches that are no longer in it
)

// Cause is one part of a difference, in minor units.
type Cause struct {
	Kind   CauseKind
	Name   string
	Amount int64
}

// Explanation is why a later valuation of a portfolio differs from an earlier one. The causes add up to the difference
// exactly.
type Explanation struct {
	Before, After, Change int64
	Causes                []Cause // those that changed the NSV, in the order in which they were applied
}

// Of sums the causes of one kind.
func (e Explanation) Of(kind CauseKind) int64 {
	sum := int64(0)
	for _, cause := range e.Causes {
		if cause.Kind == kind {
			sum += cause.Amount
		}
	}
	return sum
}

// Difference explains a re-valuation to the minor unit: it walks from the earlier to the later valuation one change at a
// time (formulas, method, then each parameter in report order, then the matches) and books what the NSV does at each step.
// What two changes do together belongs to the later of them in that order. Only the formulas of this program can be walked
// with, so the later valuation must be one of theirs. Other currencies are refused.
func Difference(before, after Valued) (Explanation, error) {
	if before.Parameters.Currency != after.Parameters.Currency {
		return Explanation{}, fmt.Errorf("compare %s with %s: %w", before.Parameters.Currency, after.Parameters.Currency, ErrNoIndex)
	}
	walk := &walk{}
	if err := walk.start(before); err != nil {
		return Explanation{}, err
	}
	if err := walk.parameters(after.Parameters); err != nil {
		return Explanation{}, err
	}
	if err := walk.toMatches(after.Matches); err != nil {
		return Explanation{}, err
	}
	return walk.explanation, nil
}

// walk is the state between two steps of a difference.
type walk struct {
	at          *Parameters
	matches     map[string]Match
	explanation Explanation
}

func (w *walk) start(before Valued) error {
	w.at, w.matches = before.Parameters, map[string]Match{}
	for _, m := range before.Matches {
		w.matches[m.ID] = m
	}
	total, err := w.total()
	w.explanation.Before, w.explanation.After = total, total
	if r := before.Recorded; r != nil && r.Formulas != Formulas {
		w.explanation.Before, w.explanation.After = r.NSV, r.NSV
		w.bookAmount(FormulasCause, "formulas", total-r.NSV)
	}
	return err
}

// total is the NSV of all matches at the current step.
func (w *walk) total() (int64, error) {
	sum := int64(0)
	for _, m := range w.matches {
		result, err := Value(w.at, m)
		if err != nil {
			return 0, matchError(m, err)
		}
		sum += result.NSV
	}
	return sum, nil
}

// book notes what the last step did.
func (w *walk) book(kind CauseKind, name string) error {
	total, err := w.total()
	if err != nil {
		return err
	}
	w.bookAmount(kind, name, total-w.explanation.After)
	return nil
}

func (w *walk) bookAmount(kind CauseKind, name string, amount int64) {
	if amount != 0 {
		w.explanation.Causes = append(w.explanation.Causes, Cause{kind, name, amount})
	}
	w.explanation.After += amount
	w.explanation.Change += amount
}

// parameters walks to another method: its frame first, then its figures one by one.
func (w *walk) parameters(to *Parameters) error {
	if w.at.Hash == to.Hash {
		return nil
	}
	frame := []struct {
		name   string
		same   bool
		change func(*Parameters)
	}{
		{"price_year", w.at.PriceYear == to.PriceYear && reflect.DeepEqual(w.at.index, to.index), func(p *Parameters) {
			p.PriceYear, p.index = to.PriceYear, to.index
		}},
		{"taxonomy", w.at.Taxonomy.Hash == to.Taxonomy.Hash, func(p *Parameters) { p.Taxonomy = to.Taxonomy }},
	}
	for _, step := range frame {
		if step.same {
			continue
		}
		if err := w.rebuild(step.name, step.change); err != nil {
			return err
		}
		if err := w.book(MethodCause, step.name); err != nil {
			return err
		}
	}
	for _, s := range specs {
		if s.source != fromFile || reflect.DeepEqual(w.at.raw[s.name], to.raw[s.name]) {
			continue
		}
		if err := w.rebuild(string(s.name), func(p *Parameters) { p.raw[s.name] = to.raw[s.name] }); err != nil {
			return err
		}
		if err := w.book(FigureCause, string(s.name)); err != nil {
			return err
		}
	}
	w.at = to
	return w.book(MethodCause, "rest")
}

func (w *walk) rebuild(reason string, change func(*Parameters)) (err error) {
	w.at, err = w.at.rebuild("with "+reason, change)
	return err
}
