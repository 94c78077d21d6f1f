package explain

import (
	"context"
	"fmt"
	"strings"

	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/live"
)

// Status says what became of a pair.
type Status string

// What can become of a pair.
const (
	Matched      Status = "matched"
	NotMatched   Status = "not_matched"   // a candidate that was not used
	NotCandidate Status = "not_candidate" // a filter removed it
)

// Pair explains why a need and a resource were matched, or why not. Amounts are minor units, of one unit of quantity
// where nothing else is said.
type Pair struct {
	Need     string `json:"need"`
	Resource string `json:"resource"`
	Status   Status `json:"status"`
	Sentence string `json:"sentence"`

	Quantity int64 `json:"quantity"`      // matched
	Value    int64 `json:"value"`         // score
	Charge   int64 `json:"charge"`        // of the trip, once
	Worth    int64 `json:"worth"`         // value less the charge, spread over the largest possible quantity
	Net      int64 `json:"net,omitempty"` // of the whole matched quantity

	// Where needs have weights: what the value is without, and the weight in millionths.
	Unweighted *int64 `json:"unweighted,omitempty"`
	Weight     int64  `json:"weight,omitempty"`

	// Parts of value and of net that keep a floor of the need's ward: the bonus is nobody's benefit.
	Floors   int64 `json:"floors,omitempty"`
	NetBonus int64 `json:"net_bonus,omitempty"`

	Rank     int       `json:"rank,omitempty"` // among the need's candidates by worth, from 1
	Of       int       `json:"of,omitempty"`
	RunnerUp *RunnerUp `json:"runner_up,omitempty"`

	NeedPrice     int64  `json:"need_price"`           // what one more unit wanted would be worth
	ResourcePrice int64  `json:"resource_price"`       // what one more unit offered would be worth
	LossAtLeast   int64  `json:"loss_at_least"`        // of forcing one more unit, certified by the prices
	LossExact     *int64 `json:"loss_exact,omitempty"` // of forcing one more unit; unknown with trip charges, which make it NP-hard
	LossFound     *int64 `json:"loss_found,omitempty"` // with trip charges: against the best allocation that a search finds with the unit forced
	LossBound     *int64 `json:"loss_bound,omitempty"` // with trip charges: by how much the bound falls, exactly
	TakenBy       []Use  `json:"taken_by,omitempty"`   // who has the resource, or what the need has, instead

	Filter string            `json:"filter,omitempty"` // that removed the pair
	Parts  *candidates.Parts `json:"parts,omitempty"`  // of the score, where the snapshot is known
}

// RunnerUp is the next best candidate of a need.
type RunnerUp struct {
	Resource string `json:"resource"`
	Worth    int64  `json:"worth"`
	Floors   int64  `json:"floors,omitempty"` // part of worth: the bonus that keeps a floor of the need's ward
}

// Use is a quantity that a pair carries.
type Use struct {
	Need     string `json:"need"`
	Resource string `json:"resource"`
	Quantity int64  `json:"quantity"`
	Worth    int64  `json:"worth"`
	Floors   int64  `json:"floors,omitempty"` // part of worth: the bonus that keeps a floor of the need's ward
	Weight   int64  `json:"weight,omitempty"` // of the need, in millionths, where needs have weights
}

// Pair explains one pair. Exact asks for the loss of forcing it, which takes an optimum to be made live once; with trip
// charges it is the exact loss of the bound, and what a search finds to be lost.
func (e *Explainer) Pair(ctx context.Context, need, resource int32, exact bool) (*Pair, error) {
	if err := e.checkNeed(need); err != nil {
		return nil, err
	}
	if err := e.checkResource(resource); err != nil {
		return nil, err
	}
	p := &Pair{
		Need: e.Need(need), Resource: e.Resource(resource),
		NeedPrice: e.Solution.NeedPrice[need], ResourcePrice: e.Solution.ResourcePrice[resource],
	}
	if e.Index != nil {
		filter, parts, passes := e.Index.Pair(need, resource)
		if p.Parts = parts; !passes {
			p.Status, p.Filter = NotCandidate, filter.String()
			p.Sentence = fmt.Sprintf("%s is no candidate for %s: it %s.", p.Resource, p.Need, filter.Sentence())
			return p, nil
		}
	}
	edge, found := e.edge(need, resource)
	if !found || e.worth[edge] <= 0 {
		e.notCandidate(p, need, found, edge)
		return p, nil
	}
	e.describe(p, need, edge)
	if p.Quantity > 0 {
		p.Status, p.Sentence = Matched, e.aside(need, e.whySentence(p))
		return p, nil
	}
	p.Status = NotMatched
	if exact && e.Problem.NeedQuantity[need] > 0 && e.Problem.ResourceQuantity[resource] > 0 {
		if err := e.lossOf(ctx, p, need, resource); err != nil {
			return nil, err
		}
	}
	p.TakenBy = e.instead(need, resource)
	p.Sentence = e.aside(need, e.whyNotSentence(p))
	return p, nil
}

func (e *Explainer) notCandidate(p *Pair, need int32, found bool, edge int32) {
	p.Status = NotCandidate
	p.Sentence = fmt.Sprintf("%s is no candidate for %s: the input has no edge between them.", p.Resource, p.Need)
	if e.Index != nil {
		p.Sentence = fmt.Sprintf("%s was not among the best candidates of %s, and its prices prove that nothing was lost by that.",
			p.Resource, p.Need)
	}
	if found {
		p.Value, p.Charge, p.Worth = e.Problem.Edges[edge].Value, e.charge(edge), e.worth[edge]
		p.Filter = candidates.FilterWorth.String()
		p.Sentence = fmt.Sprintf("%s is no candidate for %s: it %s.", p.Resource, p.Need, candidates.FilterWorth.Sentence())
		if p.Value <= 0 {
			p.Sentence = e.byWeight(need, fmt.Sprintf("%s is never used for %s: a unit of it would be worth %s.", p.Resource, p.Need, e.Money(p.Value)))
		}
	}
}

func (e *Explainer) describe(p *Pair, need, edge int32) {
	p.Quantity = e.carried(need, edge)
	p.Value, p.Charge, p.Worth = e.Problem.Edges[edge].Value, e.charge(edge), e.worth[edge]
	p.Floors = e.bonus(need, e.Problem.Edges[edge].Resource)
	p.Unweighted, p.Weight = e.plain(edge), e.weightOf(need)
	if p.Quantity > 0 {
		p.Net, p.NetBonus = p.Quantity*p.Value-p.Charge, p.Quantity*p.Floors
	}
	p.LossAtLeast = max(0, e.reduced(need, edge)-e.gap[need])
	var runnerUp int32
	p.Rank, p.Of, runnerUp = e.rank(need, edge)
	if runnerUp >= 0 {
		other := e.Problem.Edges[runnerUp].Resource
		p.RunnerUp = &RunnerUp{e.Resource(other), e.worth[runnerUp], e.bonus(need, other)}
	}
}

// lossOf finds what forcing one more unit onto a pair loses.
func (e *Explainer) lossOf(ctx context.Context, p *Pair, need, resource int32) error {
	l, err := e.optimum(ctx)
	if err != nil {
		return err
	}
	if e.Problem.Charges == nil && e.Lots == nil {
		loss, err := e.boundLoss(ctx, need, resource)
		p.LossExact = &loss
		return err
	}
	outcome, err := l.AskPaid(ctx, live.Force(need, resource, e.carriedBetween(need, resource)+1))
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	// What is forced is an allocation, too: a search that finds more with it has not lost anything.
	bound, found := -outcome.Gain(), max(-outcome.AchievedGain(), p.LossAtLeast)
	p.LossBound, p.LossFound = &bound, &found
	return nil
}

// boundLoss is by how much the bound falls with one more unit forced onto a pair, exactly; without charges and lots the
// bound is the optimum.
func (e *Explainer) boundLoss(ctx context.Context, need, resource int32) (int64, error) {
	l, err := e.optimum(ctx)
	if err != nil {
		return 0, err
	}
	outcome, err := l.Ask(live.Force(need, resource, e.carriedBetween(need, resource)+1))
	if err != nil {
		return 0, fmt.Errorf("explain: %w", err)
	}
	return -outcome.Gain(), nil
}

func (e *Explainer) carriedBetween(need, resource int32) int64 {
	for _, u := range e.ofNeed[need] {
		if u.resource == resource {
			return u.quantity
		}
	}
	return 0
}

// told is a use in words.
func (e *Explainer) told(u use) Use {
	return Use{
		Need: e.Need(u.need), Resource: e.Resource(u.resource), Quantity: u.quantity, Worth: e.worth[u.edge],
		Floors: e.bonus(u.need, u.resource), Weight: e.weightOf(u.need),
	}
}

// instead lists who has the resource and what the need has, most first, a few of each.
func (e *Explainer) instead(need, resource int32) []Use {
	var uses []Use
	for _, list := range [][]use{e.ofResource[resource], e.ofNeed[need]} {
		for _, u := range largestFirst(list, 3) {
			uses = append(uses, e.told(u))
		}
	}
	return uses
}

func (e *Explainer) whySentence(p *Pair) string {
	var b strings.Builder
	place := fmt.Sprintf("the %s of its %s by worth", ordinal(p.Rank), plural(p.Of, "candidate"))
	if p.Of == 1 {
		place = "its only candidate"
	}
	fmt.Fprintf(&b, "%s gets %d from %s: a unit scores %s, %s", p.Need, p.Quantity, p.Resource, e.Money(p.Value), place)
	if p.Charge > 0 {
		fmt.Fprintf(&b, "; %s in all after a trip of %s", e.Money(p.Net), e.Money(p.Charge))
	} else {
		fmt.Fprintf(&b, "; %s in all", e.Money(p.Net))
	}
	b.WriteString(e.ofBonus(p.NetBonus))
	e.favours(&b, p)
	if p.RunnerUp != nil {
		fmt.Fprintf(&b, ". The best one that it does not use is %s at %s", p.RunnerUp.Resource, e.Money(p.RunnerUp.Worth))
		b.WriteString(e.ofBonus(p.RunnerUp.Floors))
		if p.RunnerUp.Worth > p.Worth {
			b.WriteString(", which is worth more elsewhere")
		}
	}
	fmt.Fprintf(&b, ". One more unit of the resource would be worth %s, one more unit wanted %s.", e.Money(p.ResourcePrice), e.Money(p.NeedPrice))
	return b.String()
}

func (e *Explainer) whyNotSentence(p *Pair) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s does not get %s: a unit would be worth %s there, but the need's units are worth %s and the resource's %s elsewhere",
		p.Need, p.Resource, e.Money(p.Worth), e.Money(p.NeedPrice), e.Money(p.ResourcePrice))
	switch {
	case p.LossExact != nil && *p.LossExact == 0:
		b.WriteString(". It is just as good: forcing one unit loses nothing, only somebody else would change")
	case p.LossFound != nil:
		fmt.Fprintf(&b, ". Forcing one unit loses %s at least; with the best that was found around it %s is lost",
			e.Money(p.LossAtLeast), e.Money(*p.LossFound))
	case p.LossExact != nil:
		fmt.Fprintf(&b, ". Forcing one unit loses %s at least, and %s exactly", e.Money(p.LossAtLeast), e.Money(*p.LossExact))
	case p.LossAtLeast > 0:
		fmt.Fprintf(&b, ". Forcing one unit loses %s at least", e.Money(p.LossAtLeast))
	}
	e.favours(&b, p)
	for k, u := range p.TakenBy {
		switch u.Resource {
		case p.Resource:
			fmt.Fprintf(&b, "%s%s has %d of it at %s", separator(k), u.Need, u.Quantity, e.Money(u.Worth))
		default:
			fmt.Fprintf(&b, "%s%s has %d of %s at %s", separator(k), u.Need, u.Quantity, u.Resource, e.Money(u.Worth))
		}
		if u.Floors > 0 {
			fmt.Fprintf(&b, ", %s of which keeps the floor of its ward", e.Money(u.Floors))
		}
		if u.Need != p.Need {
			b.WriteString(ofWeight(u.Weight))
		}
	}
	b.WriteString(".")
	return b.String()
}

// favours says which parts of a score are not the unit's own worth.
func (e *Explainer) favours(b *strings.Builder, p *Pair) {
	if p.Parts != nil && p.Parts.Affinity > 0 {
		fmt.Fprintf(b, ". %s of a unit's score is because giver and receiver know each other", e.Money(p.Parts.Affinity))
	}
	if p.Unweighted != nil && p.Weight != million {
		fmt.Fprintf(b, ". Without the need's weight of %s a unit is worth %s", weightText(p.Weight), e.Money(*p.Unweighted))
	}
	if p.Floors > 0 {
		fmt.Fprintf(b, ". %s of a unit's score is the bonus that keeps the floor of the need's ward", e.Money(p.Floors))
	}
	if p.Parts != nil && p.Parts.Stability > 0 {
		fmt.Fprintf(b, ". %s of a unit's score is because the pair is proposed already", e.Money(p.Parts.Stability))
	}
}

func separator(k int) string {
	if k == 0 {
		return ". Instead, "
	}
	return "; "
}
