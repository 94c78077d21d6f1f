package certificate

import (
	"errors"
	"fmt"
	"slices"
)

// Stage is what is claimed of one tier of a strict order of service, and the prices that prove it.
type Stage struct {
	Tier  int
	Value int64 // what the tier gets, net of charges
	Bound int64 // what it could get at most

	NeedPrice, ResourcePrice []int64

	// Bonus is what a price on the stage before adds to the edges that must use it up; 0 with charges. Whatever it is, the
	// proof holds; where it is too small there are no prices that reach the bound.
	Bonus int64
}

// mostBonus leaves room for the two bonuses of an edge.
const mostBonus = int64(1) << 40

// OrderViolation is the first thing found wrong with what is claimed of a tier.
type OrderViolation struct {
	Tier int
	*Violation
}

func (v *OrderViolation) Error() string { return fmt.Sprintf("tier %d: %v", v.Tier, v.Violation) }

// Unwrap makes it a *Violation.
func (v *OrderViolation) Unwrap() error { return v.Violation }

// CheckOrder checks that an allocation serves needs strictly in the order of their tiers. It returns nil, a *Violation of
// the flows or of the stages as a whole, or an *OrderViolation. Tier is by need, and every tier has its stage.
//
// Without charges it proves that each tier gets the most that it could, of all allocations that are best for the tiers
// before it. The argument is complementary slackness: an allocation that reaches the bound of a stage uses only edges that
// are worth just the sum of their prices, and uses up whatever has a price. The next stage adds a bonus to those edges for
// each end that has a price. All allocations that reached the bound collect the same sum of bonuses, so prices that bound
// the stage, less that sum, bound its tier.
//
// With charges being best is not a matter of prices. There a tier's bound is one on what it could make of all that this
// allocation leaves it after the tiers before.
func CheckOrder[E Edge](in *Instance[E], tier []int, flows []Flow, stages []Stage) error {
	o := &order{tier: tier, flows: flows, Instance: &Instance[edge]{
		NeedQuantity: in.NeedQuantity, ResourceQuantity: in.ResourceQuantity, RowStart: in.RowStart, Charges: in.Charges,
		Edges: make([]edge, len(in.Edges)),
	}}
	for k := range in.Edges {
		o.Edges[k] = edge(in.Edges[k])
	}
	if v := o.checkWhole(stages); v != nil {
		return v
	}
	check := o.onFace
	if slices.ContainsFunc(in.Charges, func(c int64) bool { return c > 0 }) {
		check = o.onRest
	}
	for k := range stages {
		if v := check(stages[:k+1]); v != nil {
			return &OrderViolation{stages[k].Tier, v}
		}
	}
	return nil
}

// order is an allocation whose tiers are checked one after the other.
type order struct {
	*Instance[edge]
	tier   []int
	flows  []Flow
	owners []int32 // by flow: its need

	counted []edge  // what edges count in the stage in hand, without charges
	left    []int64 // of each resource, with charges
}

// checkWhole checks what does not belong to one tier.
func (o *order) checkWhole(stages []Stage) *Violation {
	known := slices.Compact(slices.Sorted(slices.Values(o.tier)))
	shape := func(what string, got, want int) *Violation {
		return &Violation{Rule: RuleShape, What: what, Index: -1, Got: int64(got), Limit: int64(want)}
	}
	switch {
	case len(o.tier) != len(o.NeedQuantity):
		return shape("needs with a tier", len(o.tier), len(o.NeedQuantity))
	case len(stages) != len(known):
		return shape("tiers", len(stages), len(known))
	}
	for k := range stages {
		s := &stages[k]
		if s.Tier != known[k] {
			return shape("as the tier that comes next", s.Tier, known[k])
		}
		if v := checkShape(o.Instance, &Claim{NeedPrice: s.NeedPrice, ResourcePrice: s.ResourcePrice}); v != nil {
			return v
		}
	}
	if _, v := checkFlows(o.Instance, &Claim{Flows: o.flows}); v != nil {
		return v
	}
	need := int32(0)
	for _, f := range o.flows {
		for o.RowStart[need+1] <= f.Edge {
			need++
		}
		o.owners = append(o.owners, need)
	}
	o.counted, o.left = make([]edge, len(o.Edges)), slices.Clone(o.ResourceQuantity)
	return nil
}

// onFace checks the last of the stages, without charges.
func (o *order) onFace(stages []Stage) *Violation {
	s := &stages[len(stages)-1]
	var got signed
	for k, f := range o.flows {
		if o.tier[o.owners[k]] == s.Tier {
			got.addProduct(f.Quantity, o.Edges[f.Edge].Value)
		}
	}
	switch {
	case !got.equals(s.Value):
		return &Violation{Rule: RuleSum, What: "value", Index: -1, Got: s.Value, Limit: got.clamp()}
	case s.Value != s.Bound: // then nothing would be known of later tiers
		return &Violation{Rule: RuleOptimal, What: "gap", Index: -1, Got: s.Bound - s.Value}
	case s.Bonus < 0 || s.Bonus > mostBonus:
		return &Violation{Rule: RuleBonus, What: "bonus", Index: -1, Got: s.Bonus, Limit: mostBonus}
	}
	bonuses := signed{}
	if len(stages) == 1 {
		o.count(s, nil)
	} else {
		bonuses = o.count(s, &stages[len(stages)-2])
	}
	bonuses.addProduct(1, s.Value)
	reached := bonuses.clamp()
	if !bonuses.equals(reached) {
		return &Violation{Rule: RuleBonus, What: "bonus", Index: -1, Got: s.Bonus, Limit: mostBonus}
	}
	stage := *o.Instance
	stage.Edges, stage.Charges = o.counted, nil
	v := violationOf(Check(&stage, &Claim{
		Flows: o.flows, NeedPrice: s.NeedPrice, ResourcePrice: s.ResourcePrice, Value: reached, Bound: reached, Optimal: true,
	}))
	if v != nil && v.Rule == RuleSum { // told without the bonuses
		v.Got, v.Limit = v.Got-(reached-s.Value), v.Limit-(reached-s.Value)
	}
	return v
}

// count says what edges count in a stage: what they are worth to its tier, and for those that an allocation may use that is
// best for the tiers so far, the bonus for each end that it must use up. It returns what all bonuses come to.
func (o *order) count(s, before *Stage) (bonuses signed) {
	bonus := func(price, quantity int64) int64 {
		if price > 0 && quantity > 0 {
			return s.Bonus
		}
		return 0
	}
	for i, wanted := range o.NeedQuantity {
		for k := o.RowStart[i]; k < o.RowStart[i+1]; k++ {
			e := &o.counted[k]
			e.Resource = o.Edges[k].Resource
			switch {
			case o.tier[i] == s.Tier:
				e.Value = o.Edges[k].Value
			case e.Value > 0 && e.Value == before.NeedPrice[i]+before.ResourcePrice[e.Resource]:
				e.Value = bonus(before.NeedPrice[i], wanted) + bonus(before.ResourcePrice[e.Resource], o.ResourceQuantity[e.Resource])
			default:
				e.Value = 0
			}
		}
	}
	if before == nil {
		return bonuses
	}
	for i, wanted := range o.NeedQuantity {
		bonuses.addProduct(wanted, bonus(before.NeedPrice[i], wanted))
	}
	for r, offered := range o.ResourceQuantity {
		bonuses.addProduct(offered, bonus(before.ResourcePrice[r], offered))
	}
	return bonuses
}

// onRest checks the last of the stages, with charges: a problem of its own needs and what is left of the resources.
func (o *order) onRest(stages []Stage) *Violation {
	s := &stages[len(stages)-1]
	stage := *o.Instance
	stage.NeedQuantity, stage.Edges = slices.Clone(o.NeedQuantity), slices.Clone(o.Edges)
	for i := range stage.NeedQuantity {
		for k := o.RowStart[i]; k < o.RowStart[i+1] && o.tier[i] != s.Tier; k++ {
			stage.Edges[k].Value = 0
		}
		if o.tier[i] != s.Tier {
			stage.NeedQuantity[i] = 0
		}
	}
	stage.ResourceQuantity = slices.Clone(o.left)
	var own []Flow
	for k, f := range o.flows {
		if o.tier[o.owners[k]] == s.Tier {
			own = append(own, f)
			o.left[o.Edges[f.Edge].Resource] -= f.Quantity
		}
	}
	return violationOf(Check(&stage, &Claim{
		Flows: own, NeedPrice: s.NeedPrice, ResourcePrice: s.ResourcePrice, Value: s.Value, Bound: s.Bound, Optimal: s.Value == s.Bound,
	}))
}

// violationOf is what Check has found, nil if nothing.
func violationOf(err error) *Violation {
	var v *Violation
	errors.As(err, &v)
	return v
}
