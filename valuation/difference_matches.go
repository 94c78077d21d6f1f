package valuation

import (
	"cmp"
	"maps"
	"slices"
)

// toMatches walks to another set of matches, match by match: quantities, other facts, then those added and removed.
func (w *walk) toMatches(to []Match) error {
	later := make(map[string]Match, len(to))
	for _, m := range to {
		later[m.ID] = m
	}
	var quantities, removed, added int64
	inputs := map[string]int64{}
	for _, id := range slices.Sorted(maps.Keys(w.matches)) {
		earlier := w.matches[id]
		m, kept := later[id]
		if !kept {
			amount, err := w.nsv(earlier)
			if err != nil {
				return err
			}
			removed -= amount
			continue
		}
		quantity, changes, err := w.changes(earlier, m)
		if err != nil {
			return err
		}
		quantities += quantity
		for name, amount := range changes {
			inputs[name] += amount
		}
	}
	for _, m := range to {
		if _, known := w.matches[m.ID]; known {
			continue
		}
		amount, err := w.nsv(m)
		if err != nil {
			return err
		}
		added += amount
	}
	w.bookAmount(QuantityCause, "quantity", quantities)
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		w.bookAmount(InputCause, name, inputs[name])
	}
	w.bookAmount(RemovedCause, "matches", removed)
	w.bookAmount(AddedCause, "matches", added)
	return nil
}

func (w *walk) nsv(m Match) (int64, error) {
	result, err := Value(w.at, m)
	if err != nil {
		return 0, matchError(m, err)
	}
	return result.NSV, nil
}

// changes walks one match from its earlier to its later facts.
func (w *walk) changes(earlier, later Match) (int64, map[string]int64, error) {
	start, err := w.nsv(earlier)
	if err != nil {
		return 0, nil, err
	}
	current := earlier
	current.Quantity = later.Quantity
	now, err := w.nsv(current)
	if err != nil {
		return 0, nil, err
	}
	quantity, inputs := now-start, map[string]int64{}
	step := func(name string, changed Match) error {
		then, err := w.nsv(changed)
		if err != nil {
			return err
		}
		if then != now {
			inputs[name] = then - now
		}
		current, now = changed, then
		return nil
	}
	if earlier.Category != later.Category {
		changed := current
		changed.Category = later.Category
		if err := step("category", changed); err != nil {
			return 0, nil, err
		}
	}
	for _, name := range changedOverrides(earlier.Overrides, later.Overrides) {
		changed := current
		changed.Overrides = maps.Clone(current.Overrides)
		if changed.Overrides == nil {
			changed.Overrides = map[Name]float64{}
		}
		if value, stated := later.Overrides[name]; stated {
			changed.Overrides[name] = value
		} else {
			delete(changed.Overrides, name)
		}
		if err := step(string(name), changed); err != nil {
			return 0, nil, err
		}
	}
	return quantity, inputs, step("other", later)
}

// changedOverrides lists the overrides that differ, in report order.
func changedOverrides(a, b map[Name]float64) []Name {
	var changed []Name
	for name, value := range a {
		if other, ok := b[name]; !ok || other != value {
			changed = append(changed, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			changed = append(changed, name)
		}
	}
	slices.SortFunc(changed, func(x, y Name) int { return cmp.Compare(specIndex[x], specIndex[y]) })
	return changed
}
