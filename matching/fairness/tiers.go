package fairness

import (
	"context"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/certificate"
	"github.com/city-resource-graph/crg/matching/charges"
)

// Tiered is an allocation by tiers.
type Tiered struct {
	Flow  []matching.EdgeFlow // ascending by edge
	Tiers []Tier              // in the order of service
	Proof []certificate.Stage // of each tier, for certificate.CheckOrder; nil with lots
}

// Tier is what one tier got, and what it could have got at most after those before it.
type Tier struct {
	Tier  int   `json:"tier"`
	Value int64 `json:"value"` // net of trips
	Bound int64 `json:"bound"`
}

// Tiers serves the needs tier by tier, the lowest number first.
//
// Without trip charges this is exact in the strict sense: among all allocations that are best for the first tier it
// takes those that are best for the second, and so on. Solve, freeze, solve: an allocation is best for the tiers so far
// exactly when it uses only edges whose reduced cost is 0 and leaves nothing over that has a price. So the next problem
// holds those edges only, and a bonus for using up what has a price that no gain of the next tier can outweigh. Unlike
// scaling the values of each tier by a factor, this needs no numbers larger than twice the next tier's bound.
//
// With trip charges being best is not a matter of prices: each tier is searched in turn, and what it got stays.
func Tiers(ctx context.Context, p *matching.Problem, tier []int, workers int) (*Tiered, error) {
	return TiersTerms(ctx, p, charges.Terms{}, tier, workers)
}

// TiersTerms is Tiers with terms. Where they have lots, or a trip costs something, each tier is searched in turn.
func TiersTerms(ctx context.Context, p *matching.Problem, terms charges.Terms, tier []int, workers int) (*Tiered, error) {
	if len(tier) != len(p.NeedQuantity) {
		return nil, fmt.Errorf("tiers: %d for %d needs", len(tier), len(p.NeedQuantity))
	}
	order := slices.Compact(slices.Sorted(slices.Values(tier)))
	if terms.Lots != nil || slices.ContainsFunc(p.Charges, func(c int64) bool { return c > 0 }) {
		return tiersInTurn(ctx, p, terms, tier, order, workers)
	}
	free := *p
	free.Charges = nil
	p = &free
	result := &Tiered{}
	frozen := &face{value: make([]bool, len(p.Edges))}
	var s *matching.Solution
	for _, t := range order {
		stage, constant, err := frozen.next(p, tier, t)
		if err != nil {
			return nil, err
		}
		if s, err = matching.Solve(ctx, stage, matching.Options{Workers: workers}); err != nil {
			return nil, fmt.Errorf("tier %d: %w", t, err)
		}
		if !s.Optimal {
			return nil, fmt.Errorf("tier %d: stopped before it was optimal: %w", t, context.Cause(ctx))
		}
		result.add(Tier{Tier: t, Value: s.Value - constant, Bound: s.Bound - constant}, s, frozen.bonus)
		frozen.shrink(stage, s)
	}
	if s != nil {
		result.Flow = s.Flow
	}
	return result.checked(p, tier)
}

func (r *Tiered) add(t Tier, s *matching.Solution, bonus int64) {
	r.Tiers = append(r.Tiers, t)
	r.Proof = append(r.Proof, certificate.Stage{
		Tier: t.Tier, Value: t.Value, Bound: t.Bound, Bonus: bonus, NeedPrice: s.NeedPrice, ResourcePrice: s.ResourcePrice,
	})
}

// checked is the result, if the independent checker finds all tiers right.
func (r *Tiered) checked(p *matching.Problem, tier []int) (*Tiered, error) {
	flows := make([]certificate.Flow, len(r.Flow))
	for k, f := range r.Flow {
		flows[k] = certificate.Flow{Edge: f.Edge, Quantity: f.Quantity}
	}
	err := certificate.CheckOrder(&certificate.Instance[matching.Edge]{
		NeedQuantity: p.NeedQuantity, ResourceQuantity: p.ResourceQuantity, RowStart: p.RowStart, Edges: p.Edges, Charges: p.Charges,
	}, tier, flows, r.Proof)
	if err != nil {
		return nil, fmt.Errorf("the engine's own result does not hold: %w", err)
	}
	return r, nil
}

// WorthError is a tier that may be worth so much that no bonus outweighs it.
type WorthError struct{ Tier int }

func (e *WorthError) Error() string {
	return fmt.Sprintf("the value of tier %d (quantity x value) may reach 2^39, too much for a strict order: scale values or quantities down", e.Tier)
}

// face describes the allocations that are best for the tiers so far.
type face struct {
	value          []bool // edges that such an allocation may use
	need, resource []bool // what it must use up
	started        bool
	bonus          int64 // for each unit of that in the stage in hand
}

// next is the problem of the next tier on the face, and what using up all that must be used up counts in it.
func (f *face) next(p *matching.Problem, tier []int, t int) (*matching.Problem, int64, error) {
	stage := *p
	stage.Edges = make([]matching.Edge, len(p.Edges))
	best := make([]int64, len(p.NeedQuantity))
	for i := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			stage.Edges[k].Resource = p.Edges[k].Resource
			if tier[i] == t {
				stage.Edges[k].Value = p.Edges[k].Value
				best[i] = max(best[i], p.Edges[k].Value)
			}
		}
	}
	bound, ok := above(p.NeedQuantity, best)
	if !ok { // needs may want more than anybody has
		best = make([]int64, len(p.ResourceQuantity))
		for _, e := range stage.Edges {
			best[e.Resource] = max(best[e.Resource], e.Value)
		}
		bound, ok = above(p.ResourceQuantity, best)
	}
	if !ok {
		return nil, 0, &WorthError{t}
	}
	if !f.started {
		return &stage, 0, nil
	}
	f.bonus = bound
	constant := int64(0)
	for i := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			if f.value[k] && tier[i] < t {
				stage.Edges[k].Value = bound * (bit(f.need[i]) + bit(f.resource[p.Edges[k].Resource]))
			}
		}
		constant += bound * bit(f.need[i]) * p.NeedQuantity[i]
	}
	for r, q := range p.ResourceQuantity {
		constant += bound * bit(f.resource[r]) * q
	}
	return &stage, constant, nil
}

// above is more than all of the quantities can be worth. It is not ok where twice that, as a bonus, would be no valid value.
func above(quantities, best []int64) (bound int64, ok bool) {
	bound = 1
	for k, q := range quantities {
		if best[k] > 0 && q > (matching.MaxMagnitude/2-bound)/best[k] {
			return 0, false
		}
		bound += best[k] * q
	}
	return bound, true
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// shrink keeps of the face what is best for the stage, too.
func (f *face) shrink(stage *matching.Problem, s *matching.Solution) {
	f.started = true
	f.need, f.resource = make([]bool, len(s.NeedPrice)), make([]bool, len(s.ResourcePrice))
	for i, price := range s.NeedPrice {
		f.need[i] = price > 0 && stage.NeedQuantity[i] > 0
		for k := stage.RowStart[i]; k < stage.RowStart[i+1]; k++ {
			e := stage.Edges[k]
			f.value[k] = e.Value > 0 && e.Value == price+s.ResourcePrice[e.Resource]
		}
	}
	for r, price := range s.ResourcePrice {
		f.resource[r] = price > 0 && stage.ResourceQuantity[r] > 0
	}
}

// tiersInTurn solves each tier on what the ones before it have left.
func tiersInTurn(ctx context.Context, p *matching.Problem, terms charges.Terms, tier, order []int, workers int) (*Tiered, error) {
	result := &Tiered{}
	left := slices.Clone(p.ResourceQuantity)
	for _, t := range order {
		stage, own := stageOf(p, terms, tier, t, left)
		s, err := charges.SolveTerms(ctx, stage, own, matching.Options{Workers: workers})
		if err != nil {
			return nil, fmt.Errorf("tier %d: %w", t, err)
		}
		if err := matching.Verify(stage, s); err != nil {
			return nil, fmt.Errorf("tier %d: %w", t, err)
		}
		for i := range tier {
			if tier[i] != t {
				s.NeedPrice[i] = 0 // it takes no part
			}
		}
		result.add(Tier{Tier: t, Value: s.Value, Bound: s.Bound}, s, 0)
		result.Flow = append(result.Flow, s.Flow...)
		left = slices.Clone(left)
		for _, f := range s.Flow {
			left[p.Edges[f.Edge].Resource] -= f.Quantity
		}
	}
	slices.SortFunc(result.Flow, func(a, b matching.EdgeFlow) int { return int(a.Edge) - int(b.Edge) })
	if terms.Lots != nil { // each tier's pairs are those whose lots still fit: the checker does not know of lots
		result.Proof = nil
		return result, nil
	}
	return result.checked(p, tier)
}

// stageOf is the problem of one tier on what is left. A pair whose lot does not fit any more is out.
func stageOf(p *matching.Problem, terms charges.Terms, tier []int, t int, left []int64) (*matching.Problem, charges.Terms) {
	stage := *p
	stage.ResourceQuantity, stage.NeedQuantity = left, slices.Clone(p.NeedQuantity)
	for i := range tier {
		if tier[i] != t {
			stage.NeedQuantity[i] = 0
		}
	}
	own := charges.Terms{Known: terms.Known}
	if terms.Lots == nil {
		return &stage, own
	}
	own.Lots, stage.Edges = slices.Clone(terms.Lots), slices.Clone(p.Edges)
	for i, wanted := range stage.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			if own.Lots[k] > min(wanted, left[p.Edges[k].Resource]) {
				own.Lots[k], stage.Edges[k].Value = 1, 0
			}
		}
	}
	own.Known = slices.DeleteFunc(slices.Clone(terms.Known), func(f matching.EdgeFlow) bool { return stage.Edges[f.Edge].Value <= 0 })
	return &stage, own
}
