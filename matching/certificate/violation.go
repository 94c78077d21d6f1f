package certificate

import "fmt"

// Rule is what a result can violate.
type Rule string

// The rules, those of Check in the order in which it checks them.
const (
	RuleShape        Rule = "shape"         // the parts do not belong together
	RulePrice        Rule = "price"         // a price is negative
	RuleFlowEdge     Rule = "flow edge"     // a flow is on no edge, or on one that already has a flow
	RuleFlowQuantity Rule = "flow quantity" // a flow is not positive
	RuleQuantity     Rule = "quantity"      // a need or resource is used beyond its quantity
	RuleEdge         Rule = "edge"          // an edge is worth more than its two prices
	RuleSum          Rule = "sum"           // the value or the bound is not what was claimed
	RuleOptimal      Rule = "optimal"       // optimality is claimed with a gap, or denied without
	RuleBonus        Rule = "bonus"         // of a stage of CheckOrder: none that sums could hold
)

// Violation is the first thing found wrong with a claim. Which fields count depends on the rule.
type Violation struct {
	Rule  Rule
	What  string // the side, part or sum concerned
	Index int    // its position, -1 if there is none
	Got   int64  // what was claimed (RuleEdge: the value of the edge, net of its amortised charge)
	Limit int64  // what would have been right, or the most that would have been

	Need, Resource           int   // RuleEdge only, as are the prices
	NeedPrice, ResourcePrice int64 //
}

func (v *Violation) Error() string {
	switch v.Rule {
	case RuleShape:
		return fmt.Sprintf("%d %s, want %d", v.Got, v.What, v.Limit)
	case RulePrice:
		return fmt.Sprintf("price of %s %d is %d, want >= 0", v.What, v.Index, v.Got)
	case RuleFlowEdge:
		return fmt.Sprintf("flow %d is on edge %d, want an existing edge after %d", v.Index, v.Got, v.Limit)
	case RuleFlowQuantity:
		return fmt.Sprintf("flow %d has quantity %d, want > 0", v.Index, v.Got)
	case RuleQuantity:
		return fmt.Sprintf("%s %d is used %d times, want at most %d", v.What, v.Index, v.Got, v.Limit)
	case RuleEdge:
		return fmt.Sprintf("edge %d (need %d, resource %d) is worth %d, more than its prices %d + %d",
			v.Index, v.Need, v.Resource, v.Got, v.NeedPrice, v.ResourcePrice)
	case RuleSum:
		return fmt.Sprintf("%s is claimed to be %d, but is %d", v.What, v.Got, v.Limit)
	case RuleBonus:
		return fmt.Sprintf("the bonus is %d, want 0 to %d, and all of them below 2^63", v.Got, v.Limit)
	default:
		return fmt.Sprintf("optimality is claimed with a gap of %d, or denied without one", v.Got)
	}
}
