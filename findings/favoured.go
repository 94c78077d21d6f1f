package findings

import (
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
)

// FloorLack is what a choice takes from a floor of the run: units that its wards would lack then, and the bonus for them,
// which is the price of putting them back and part of what the choice costs.
type FloorLack struct {
	Title string
	Units int64
	Minor int64
}

// TierChange is what a choice brings or costs the needs of one urgency, in a run in strict order. Amounts are minor units.
type TierChange struct {
	Urgency city.Urgency
	Minor   int64 // gained, negative: lost
}

// favour is what besides value decided a run, as far as a question needs it.
type favour struct {
	solved *Solved
	floors []candidates.KeptFloor
}

func newFavour(s *Solved) *favour {
	flows := make([]candidates.Flow, len(s.Solution.Flow))
	for k, f := range s.Solution.Flow {
		flows[k] = candidates.Flow{Need: f.Need, Resource: s.Graph.Edges[f.Edge].Resource, Quantity: f.Quantity}
	}
	return &favour{solved: s, floors: s.Snapshot.Kept(flows)}
}

// weigh adds to a trial what its changes mean for floors and order. A unit that a floor did not ask for costs it nothing
// to lose: the bonus that its pair scores is taken out again.
func (v *favour) weigh(t *trial, needs []int32) {
	s := v.solved
	for k := range v.floors {
		f := &v.floors[k]
		more := int64(0)
		for _, c := range t.changes {
			if f.For(&s.Snapshot.Needs[needs[c.edge]], &s.Snapshot.Resources[s.Graph.Edges[c.edge].Resource]) {
				more += c.after - c.before
			}
		}
		counts := min(f.Reached+more, f.Least) - min(f.Reached, f.Least)
		t.worth += f.Bonus * (counts - more)
		if counts < 0 {
			t.lacks = append(t.lacks, FloorLack{Title: f.Title(), Units: -counts, Minor: -counts * f.Bonus})
		}
	}
	if s.Graph.Tier == nil {
		return
	}
	t.tiers = make([]int64, 1+slices.Max(s.Graph.Tier))
	for _, c := range t.changes {
		t.tiers[s.Graph.Tier[needs[c.edge]]] += s.net(c.edge, c.after) - s.net(c.edge, c.before)
	}
}

// better says whether a trial is to be preferred: in strict order by what it brings the most urgent of those that it serves
// differently, else by what it is worth.
func (t *trial) better(than *trial) bool {
	if order := slices.Compare(t.tiers, than.tiers); order != 0 {
		return order > 0
	}
	return t.worth > than.worth
}

// tierChanges lists what a trial changes for each urgency, the most urgent first.
func (t *trial) tierChanges() []TierChange {
	var changes []TierChange
	for urgency, minor := range t.tiers {
		if minor != 0 {
			changes = append(changes, TierChange{city.Urgency(urgency), minor})
		}
	}
	return changes
}
