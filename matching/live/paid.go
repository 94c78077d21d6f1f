package live

import (
	"context"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
)

// Paid answers a question where trips cost something or lots bind, so that an allocation falls short of its bound. The
// bounds are exact. The achieved values are what a search finds, the same one without and with the changes, begun at the
// allocation that the run proposes: what is achieved can be handed over, and no allocation exceeds the bound, but a
// better one may exist in between. Without charges and lots achieved and bound are one.
type Paid struct {
	Outcome
	AchievedBefore, AchievedAfter int64
}

// AchievedGain is what the changes are worth as far as a search finds out; a loss is negative.
func (p Paid) AchievedGain() int64 { return p.AchievedAfter - p.AchievedBefore }

// KeepLots tells the least quantity of each pair if it is used at all, parallel to the edges, for AskPaid to keep.
func (l *Live) KeepLots(lots []int64) { l.lots = lots }

// AskPaid is Ask with what an allocation achieves. It solves the components that the changes touch, twice, and so takes
// as long as they took in the run. Nothing stays changed.
func (l *Live) AskPaid(ctx context.Context, changes ...Change) (Paid, error) {
	outcome, err := l.Ask(changes...)
	if err != nil {
		return Paid{}, err
	}
	paid := Paid{Outcome: outcome, AchievedBefore: outcome.Before, AchievedAfter: outcome.After}
	if l.problem.Charges == nil && l.lots == nil {
		return paid, nil
	}
	before, after := newDraft(l), newDraft(l)
	for _, c := range forcesLast(changes) {
		after.apply(c)
	}
	before.touched, before.touchedResources = after.touched, after.touchedResources
	first, second := before.build(), after.build()
	needs := after.affected(first, second)
	rest := int64(0)
	for _, f := range l.allocation {
		if _, inside := slices.BinarySearch(needs, f.Need); !inside {
			rest += l.problem.Edges[f.Edge].Value*f.Quantity - chargeOf(l.problem, f.Edge)
		}
	}
	for at, of := range map[*int64]*built{&paid.AchievedBefore: first, &paid.AchievedAfter: second} {
		value, err := l.achieve(ctx, of, needs)
		if err != nil {
			return Paid{}, fmt.Errorf("what if: %w", err)
		}
		*at = rest + value
	}
	paid.AchievedAfter += after.constant
	return paid, nil
}

func chargeOf(p *matching.Problem, edge int32) int64 {
	if p.Charges == nil {
		return 0
	}
	return p.Charges[edge]
}

// achieve searches the best allocation of some needs.
func (l *Live) achieve(ctx context.Context, b *built, needs []int32) (int64, error) {
	needs = needs[:sortedBelow(needs, int32(len(b.NeedQuantity)))]
	part := matching.NewPart(&b.Problem, needs)
	terms := charges.Terms{}
	for k, i := range needs {
		start, end := b.RowStart[i], b.RowStart[i+1]
		if b.lots != nil {
			terms.Lots = append(terms.Lots, b.lots[start:end]...)
		}
		for at := start; at < end; at++ {
			if quantity := l.carried(i, b.Edges[at].Resource); quantity > 0 {
				edge := part.RowStart[k] + at - start
				terms.Known = append(terms.Known, matching.EdgeFlow{Edge: edge, Need: int32(k), Quantity: quantity})
			}
		}
	}
	s, err := charges.SolveTerms(ctx, &part.Problem, terms, matching.Options{})
	if err != nil {
		return 0, err
	}
	return s.Value, ctx.Err()
}

func sortedBelow(sorted []int32, limit int32) int {
	at, _ := slices.BinarySearch(sorted, limit)
	return at
}

// carried is what the run's allocation gives a pair.
func (l *Live) carried(need, resource int32) int64 {
	at, _ := slices.BinarySearchFunc(l.allocation, need, func(f matching.EdgeFlow, n int32) int { return int(f.Need) - int(n) })
	for ; at < len(l.allocation) && l.allocation[at].Need == need; at++ {
		if l.problem.Edges[l.allocation[at].Edge].Resource == resource {
			return l.allocation[at].Quantity
		}
	}
	return 0
}
