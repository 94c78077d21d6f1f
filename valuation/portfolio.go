package valuation

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"

	"github.com/city-resource-graph/crg/city"
)

// DefaultDraws is the number of Monte Carlo draws of a report.
const DefaultDraws = 10_000

// Simulation says how the range is computed. The same simulation of the same matches repeats its result to the bit, on
// any number of cores and for any order of the matches.
type Simulation struct {
	Draws   int    // 0 = DefaultDraws
	Seed    uint64 // stored with the result
	Rules   []city.Rule
	Workers int // 0 = one for each core
}

func (s Simulation) withDefaults() (Simulation, error) {
	if s.Draws == 0 {
		s.Draws = DefaultDraws
	}
	if s.Workers == 0 {
		s.Workers = runtime.GOMAXPROCS(0)
	}
	if s.Draws < 100 || s.Draws > 1_000_000 {
		return s, fmt.Errorf("draws %d: want 100 to 1000000", s.Draws)
	}
	for _, rule := range s.Rules {
		if err := checkRule(rule); err != nil {
			return s, err
		}
	}
	return s, nil
}

// checkRule refuses a derivation rule that cannot be drawn from.
func checkRule(rule city.Rule) error {
	if err := rule.Validate(); err != nil {
		return err
	}
	if rule.Central <= 0 {
		return fmt.Errorf("rule %s: central %v: want more than 0, for the range is relative to it", rule.ID, rule.Central)
	}
	return nil
}

// Portfolio values many matches together: each at its central values, and their sums with a range. Every uncertain
// figure is drawn once per iteration for all matches that use it (one social cost, one displacement per class, one factor
// per derivation rule), for errors that are common do not average out.
func Portfolio(p *Parameters, matches []Match, simulation Simulation) (*Summary, error) {
	simulation, err := simulation.withDefaults()
	if err != nil {
		return nil, err
	}
	order, err := p.inOrder(matches)
	if err != nil {
		return nil, err
	}
	summary := &Summary{
		Method: p.Version, ParameterHash: p.Hash, Formulas: Formulas, TaxonomyVersion: p.Taxonomy.Version, Currency: p.Currency,
		PriceYear: p.PriceYear, Draws: simulation.Draws, Seed: simulation.Seed, Results: make([]Result, len(matches)),
	}
	model := newModel(p, simulation.Rules)
	layout := newGroups(matches)
	var match resolved
	for _, place := range order {
		if err := p.resolveInto(&match, matches[place]); err != nil {
			return nil, matchError(matches[place], err)
		}
		result, err := p.value(&match)
		if err != nil {
			return nil, matchError(match.match, err)
		}
		summary.Results[place] = result
		outputs := layout.add(result)
		if err := model.add(&match, outputs); err != nil {
			return nil, matchError(match.match, err)
		}
	}
	if layout.total.magnitude >= largest {
		return nil, fmt.Errorf("the matches together: %w: %g minor units", ErrTooLarge, layout.total.magnitude)
	}
	samples := model.run(simulation, layout.outputs())
	if err := layout.fill(summary, samples, p); err != nil {
		return nil, err
	}
	summary.Swings = model.swings(p.scale())
	return summary, nil
}

// inOrder checks the matches and lists their places by id, so that sums of floating point numbers do not depend on the
// caller's order.
func (p *Parameters) inOrder(matches []Match) ([]int, error) {
	order := make([]int, len(matches))
	var match resolved
	for i, m := range matches {
		if err := p.resolveInto(&match, m); err != nil {
			return nil, matchError(m, err)
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(matches[a].ID, matches[b].ID) })
	for i := 1; i < len(order); i++ {
		if id := matches[order[i]].ID; id == matches[order[i-1]].ID {
			return nil, fmt.Errorf("match %q: given twice: ids must differ", id)
		}
	}
	return order, nil
}

func matchError(m Match, err error) error { return fmt.Errorf("match %q: %w", m.ID, err) }
