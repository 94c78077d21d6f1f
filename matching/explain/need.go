package explain

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/matching/candidates"
)

// Reason is why a need did not get all that it wanted.
type Reason string

// Reasons, and Served where there is none.
const (
	Served       Reason = "served"
	NoCandidate  Reason = "no_candidate" // a filter took the last resource away
	Outbid       Reason = "outbid"       // what it could have is worth more to others
	TripUnpaid   Reason = "trip"         // what is left of its candidates would not pay for the trip
	Pinned       Reason = "pinned"       // what it could have was rejected before, or is promised by approved matches
	NothingAsked Reason = "nothing_asked"
	NotLocated   Reason = "not_located" // it has no known place that anything could be brought to
)

// Need explains what a need got, and why it did not get the rest.
type Need struct {
	Need     string `json:"need"`
	Wanted   int64  `json:"wanted"`
	Got      int64  `json:"got"`
	Price    int64  `json:"price"`              // one more unit wanted is worth this at most
	Currency string `json:"currency,omitempty"` // of all amounts, which are its minor units
	Reason   Reason `json:"reason"`
	Sentence string `json:"sentence"`

	Approved int64 `json:"approved,omitempty"` // what approved matches give it besides: no part of wanted and got
	Weight   int64 `json:"weight,omitempty"`   // in millionths, where needs have weights

	Matches []Pair     `json:"matches,omitempty"`
	Rivals  []Rival    `json:"rivals,omitempty"` // who outbid it, the closest first
	Funnel  []Rejected `json:"funnel,omitempty"` // of a need without candidates
}

// Rival is a candidate that a need did not get, and who did.
type Rival struct {
	Resource  string `json:"resource"`
	Worth     int64  `json:"worth"`          // of a unit to this need
	Elsewhere int64  `json:"elsewhere"`      // what the others lose by giving up a unit
	ShortBy   int64  `json:"short_by"`       // elsewhere less worth: what the city loses by forcing a unit
	Left      int64  `json:"left"`           // that nobody has
	TakenBy   []Use  `json:"taken_by"`       // the largest takers
	Trip      int64  `json:"trip,omitempty"` // charge that what is left would not pay
	Lot       int64  `json:"lot,omitempty"`  // least quantity of a match of the two, where less is left or still wanted
}

// Rejected counts the resources that a filter took away.
type Rejected struct {
	Filter    candidates.Filter `json:"filter"`
	Resources int64             `json:"resources"`
}

// An answer names so many rivals, out of so many for which the exact loss is computed.
const (
	mostRivals = 5
	mostForced = 20
)

// Explain answers for one need.
func (e *Explainer) Explain(ctx context.Context, need int32) (*Need, error) {
	if err := e.checkNeed(need); err != nil {
		return nil, err
	}
	n := &Need{Need: e.Need(need), Wanted: e.Problem.NeedQuantity[need], Price: e.Solution.NeedPrice[need], Currency: e.Currency, Weight: e.weightOf(need)}
	for _, f := range e.approved[need] {
		n.Approved += f.Quantity
	}
	for _, u := range largestFirst(e.ofNeed[need], len(e.ofNeed[need])) {
		p, err := e.Pair(ctx, need, u.resource, false)
		if err != nil {
			return nil, err
		}
		n.Got += u.quantity
		n.Matches = append(n.Matches, *p)
	}
	var err error
	switch {
	case n.Wanted == 0:
		n.Reason, n.Sentence = NothingAsked, fmt.Sprintf("%s wants nothing any more.", n.Need)
	case n.Got == n.Wanted:
		n.Reason, n.Sentence = Served, e.aside(need, e.servedSentence(n))
	case n.Got > 0 && !e.hasCandidates(need):
		n.Reason, n.Sentence = FloorKept, e.aside(need, fmt.Sprintf(
			"%s gets %d of %d: nothing that it could have pays by itself, and the floor of its ward asks for no more.", n.Need, n.Got, n.Wanted))
	case !e.hasCandidates(need):
		err = e.explainNoCandidate(ctx, n, need)
	default:
		err = e.explainRivals(ctx, n, need)
	}
	if n.Approved > 0 {
		n.Sentence += fmt.Sprintf(" Approved matches give it %d besides.", n.Approved)
	}
	return n, err
}

func (e *Explainer) hasCandidates(need int32) bool {
	for k := e.Problem.RowStart[need]; k < e.Problem.RowStart[need+1]; k++ {
		if e.worth[k] > 0 && e.Problem.ResourceQuantity[e.Problem.Edges[k].Resource] > 0 {
			return true
		}
	}
	return false
}

func (e *Explainer) servedSentence(n *Need) string {
	var parts []string
	for _, m := range n.Matches {
		parts = append(parts, fmt.Sprintf("%d from %s", m.Quantity, m.Resource))
	}
	return fmt.Sprintf("%s gets all %d that it wants: %s.", n.Need, n.Wanted, strings.Join(parts, ", "))
}

func (e *Explainer) explainRivals(ctx context.Context, n *Need, need int32) error {
	var rivals []rival
	for k := e.Problem.RowStart[need]; k < e.Problem.RowStart[need+1]; k++ {
		resource := e.Problem.Edges[k].Resource
		if e.worth[k] > 0 && e.carried(need, k) < e.Problem.ResourceQuantity[resource] {
			rivals = append(rivals, rival{edge: k, resource: resource, left: e.left(resource), short: e.reduced(need, k)})
		}
	}
	slices.SortStableFunc(rivals, closestFirst)
	n.Reason = Outbid
	if len(rivals) > 0 && (rivals[0].left > 0 || rivals[0].short < e.Solution.NeedPrice[need]) {
		n.Reason = TripUnpaid
	}
	rivals = rivals[:min(len(rivals), mostForced)]
	for k := range rivals {
		loss, _, err := e.boundLoss(ctx, need, rivals[k].resource)
		if err != nil {
			return err
		}
		rivals[k].short = loss
	}
	slices.SortStableFunc(rivals, closestFirst)
	for _, r := range rivals[:min(len(rivals), mostRivals)] {
		n.Rivals = append(n.Rivals, e.describeRival(need, n.Wanted-n.Got, r))
	}
	n.Sentence = e.aside(need, e.rivalSentence(n))
	if len(rivals) > 0 {
		if floor, kept := e.keptFloor(need, rivals[0]); kept {
			n.Reason, n.Sentence = FloorKept, e.byWeight(need, e.keptSentence(n, n.Rivals[0], floor))
		}
	}
	for _, r := range rivals {
		if earlier, found := e.before(need, r.resource); found {
			n.Reason = ServedLater
			n.Sentence = e.aside(need, fmt.Sprintf("%s gets %d of %d: %s, which is more urgent, has %d of %s.",
				n.Need, n.Got, n.Wanted, e.Need(earlier.need), earlier.quantity, e.Resource(r.resource)))
			break
		}
	}
	return nil
}

// rival is a candidate of which a need did not get all. Its shortage is first the reduced cost, which prices give at
// once, and then exact.
type rival struct {
	edge, resource int32
	left           int64
	short          int64
}

func closestFirst(a, b rival) int {
	return cmp.Or(cmp.Compare(a.short, b.short), cmp.Compare(a.edge, b.edge))
}

func (e *Explainer) describeRival(need int32, wanting int64, r rival) Rival {
	d := Rival{
		Resource: e.Resource(r.resource), Worth: e.worth[r.edge], ShortBy: r.short, Elsewhere: e.worth[r.edge] + r.short, Left: r.left,
	}
	if r.left > 0 {
		d.Trip = e.charge(r.edge)
	}
	if e.Lots != nil && min(r.left, wanting)+e.carried(need, r.edge) < e.Lots[r.edge] {
		d.Lot = e.Lots[r.edge]
	}
	for _, u := range largestFirst(e.ofResource[r.resource], 3) {
		if u.need != need {
			d.TakenBy = append(d.TakenBy, e.told(u))
		}
	}
	return d
}

func (e *Explainer) left(resource int32) int64 {
	left := e.Problem.ResourceQuantity[resource]
	for _, u := range e.ofResource[resource] {
		left -= u.quantity
	}
	return left
}

func (e *Explainer) rivalSentence(n *Need) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s gets %d of %d", n.Need, n.Got, n.Wanted)
	if len(n.Rivals) == 0 {
		b.WriteString(": it has all of its candidates, and they hold no more.")
		return b.String()
	}
	r := n.Rivals[0]
	if n.Reason == TripUnpaid && r.Lot > 0 && r.Left >= r.Lot {
		fmt.Fprintf(&b, ": %d of %s are left, but a match of the two takes a lot of %d at least, more than is still wanted.", r.Left, r.Resource, r.Lot)
		return b.String()
	}
	if n.Reason == TripUnpaid && r.Lot > 0 {
		fmt.Fprintf(&b, ": %d of %s are left, less than the lot of %d that one match of the two takes at least.", r.Left, r.Resource, r.Lot)
		return b.String()
	}
	if n.Reason == TripUnpaid && r.Left > 0 {
		fmt.Fprintf(&b, ": %d of %s are left, but would not pay for a trip of %s.", r.Left, r.Resource, e.Money(r.Trip))
		return b.String()
	}
	if n.Reason == TripUnpaid {
		fmt.Fprintf(&b, ": what others would have to give up of %s would not pay for another trip.", r.Resource)
		return b.String()
	}
	fmt.Fprintf(&b, " and was outbid for the rest. Closest was %s: a unit is worth %s to it, but %s to the others", r.Resource,
		e.Money(r.Worth), e.Money(r.Elsewhere))
	if r.ShortBy > 0 {
		fmt.Fprintf(&b, ", so it was %s short", e.Money(r.ShortBy))
	} else {
		b.WriteString(", a tie")
	}
	for k, u := range r.TakenBy {
		if k == 0 {
			b.WriteString("; it went to ")
		} else {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s (%d)", u.Need, u.Quantity)
		if u.Floors > 0 {
			fmt.Fprintf(&b, ", whose ward has a floor worth %s a unit", e.Money(u.Floors))
		}
		b.WriteString(ofWeight(u.Weight))
	}
	b.WriteString(".")
	return b.String()
}

// largestFirst returns at most n uses, the largest quantity first.
func largestFirst(uses []use, n int) []use {
	sorted := slices.Clone(uses)
	slices.SortStableFunc(sorted, func(a, b use) int {
		return cmp.Or(cmp.Compare(b.quantity, a.quantity), cmp.Compare(a.edge, b.edge))
	})
	return sorted[:min(n, len(sorted))]
}
