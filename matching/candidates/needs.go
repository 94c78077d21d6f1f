package candidates

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/city-resource-graph/crg/city"
)

// compileNeeds fills the wants.
func (c *Index) compileNeeds(asked []spotted, leaves map[city.Leaf]int32, wanted []int64, longest int64) error {
	s := c.snapshot
	own := make([]int32, len(s.UnitValues)) // one-element lists for needs without substitutes
	for k := range own {
		own[k] = int32(k)
	}
	wards := make(map[string]int64, len(s.Wards))
	for _, w := range s.Wards {
		wards[w.Ward] = w.Millionth
	}
	bonuses := s.bonuses()
	c.wants = make([]want, len(s.Needs))
	var lots, conditions atomic.Bool // some need has them
	inChunks(len(s.Needs), chunkListings, func(from, to int) {
		for i := from; i < to; i++ {
			w := &c.wants[i]
			*w = c.wantOf(int32(i), &asked[i], wanted[i], s.equityWeight(wards, s.Needs[i].Ward), longest)
			w.bonuses = bonuses[s.Needs[i].Ward]
			if w.lot > 1 {
				lots.Store(true)
			}
			if len(s.Needs[i].Need.Constraints) > 0 {
				conditions.Store(true)
			}
			if k, known := leaves[s.Needs[i].Leaf]; known {
				w.leaves = own[k : k+1 : k+1]
			}
			for _, leaf := range s.Needs[i].Need.Substitutes {
				if k, known := leaves[leaf]; known && !slices.Contains(w.leaves, k) {
					w.leaves = append(w.leaves, k)
				}
			}
		}
	})
	c.lots = c.lots || lots.Load()
	if conditions.Load() {
		return c.compileConditions()
	}
	return nil
}

// compileConditions compiles the hard constraints of all needs.
func (c *Index) compileConditions() error {
	columns := columns{}
	for i := range c.wants {
		need := &c.snapshot.Needs[i]
		if len(need.Need.Constraints) == 0 {
			continue
		}
		var err error
		if c.wants[i].conditions, err = columns.compile(need.Need.Constraints, c.snapshot.Resources); err != nil {
			return fmt.Errorf("need %s: %w", need.ID, err)
		}
	}
	return nil
}

// wantOf compiles a need, but for the leaves and the conditions that it accepts.
func (c *Index) wantOf(i int32, spot *spotted, wanted, equity, longest int64) want {
	l := &c.snapshot.Needs[i]
	w := want{
		need: i, left: wanted, at: spot.at, located: spot.located, spans: spot.spans,
		reach:  min(reachSquared(l.Need.MaxDistanceMetres), reachSquared(c.travel.MaxDistanceMetres)),
		weight: min(share(c.snapshot.Scoring.urgencyWeight(l.Need.Urgency), equity), maxWeight), equity: equity,
		budget: l.Need.BudgetPerUnit, lot: lotOfNeed(l.Need, wanted),
		kind: kindBit(l.HolderKind), temperatures: acceptedTemperatures(l.Temperature),
	}
	if w.reach != math.MaxInt64 {
		longest = min(longest, c.travel.seconds(metres(w.reach)))
	}
	w.during, w.open = c.days.during(w.spans, 0)
	w.moments = c.days.moments(w.spans, longest)
	return w
}

// lotOfNeed is the least that a need takes at once: an indivisible one all that it wants, or what it can store.
func lotOfNeed(t *city.NeedTerms, wanted int64) int64 {
	if t.Indivisible {
		return max(wanted, t.MinimumLot, 1)
	}
	return max(t.MinimumLot, 1)
}

func (s *Snapshot) equityWeight(wards map[string]int64, ward string) int64 {
	if weight, known := wards[ward]; known {
		return weight
	}
	return million
}
