package explain

import (
	"context"
	"fmt"

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
	Currency string `json:"currency,omitempty"` // of all amounts, which are its minor units

	Approved int64 `json:"approved,omitempty"` // what an approved match gives besides: no part of what was solved
	Quantity int64 `json:"quantity"`           // matched
	Value    int64 `json:"value"`              // score
	Charge   int64 `json:"charge"`             // of the trip, once
	Worth    int64 `json:"worth"`              // value less the charge, spread over the largest possible quantity
	Net      int64 `json:"net"`                // of the whole matched quantity; 0 where nothing is

	// Where needs have weights: what the value is without, and the weight in millionths.
	Unweighted *int64 `json:"unweighted,omitempty"`
	Weight     int64  `json:"weight,omitempty"`

	// Parts of value and of net that keep a floor of the need's ward: the bonus is nobody's benefit.
	Floors   int64 `json:"floors,omitempty"`
	NetBonus int64 `json:"net_bonus,omitempty"`

	Rank     int       `json:"rank,omitempty"` // among the need's candidates by worth, from 1
	Of       int       `json:"of,omitempty"`
	RunnerUp *RunnerUp `json:"runner_up,omitempty"`

	NeedPrice     int64  `json:"need_price"`           // one more unit wanted is worth this at most, one less loses it at least
	ResourcePrice int64  `json:"resource_price"`       // the same of a unit offered
	LossAtLeast   int64  `json:"loss_at_least"`        // of forcing one more unit, certified by the prices
	LossExact     *int64 `json:"loss_exact,omitempty"` // of forcing one more unit; unknown with trip charges and where floors get more or less
	LossFound     *int64 `json:"loss_found,omitempty"` // where that is unknown: against the best allocation found with the unit forced
	LossBound     *int64 `json:"loss_bound,omitempty"` // with trip charges: by how much the bound falls, exactly
	Lacks         []Lack `json:"lacks,omitempty"`      // of floors, in the best allocation found with the unit forced
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
		Need: e.Need(need), Resource: e.Resource(resource), Currency: e.Currency, Weight: e.weightOf(need),
		NeedPrice: e.Solution.NeedPrice[need], ResourcePrice: e.Solution.ResourcePrice[resource],
	}
	err := e.judge(ctx, p, need, resource, exact)
	for _, f := range e.approved[need] {
		if f.Resource == resource {
			p.Approved += f.Quantity
		}
	}
	if p.Approved > 0 {
		told := fmt.Sprintf("An approved match gives %s %d of %s already.", p.Need, p.Approved, p.Resource)
		if p.Status != NotCandidate {
			told = p.Sentence + " " + told
		}
		p.Status, p.Sentence = Matched, told
	}
	return p, err
}

// judge says what became of a pair in what was solved.
func (e *Explainer) judge(ctx context.Context, p *Pair, need, resource int32, exact bool) error {
	if e.Problem.NeedQuantity[need] == 0 {
		p.Status, p.Filter = NotCandidate, candidates.FilterQuantity.String()
		p.Sentence = fmt.Sprintf("%s is no candidate for %s, which wants nothing any more.", p.Resource, p.Need)
		return nil
	}
	if e.Index != nil {
		filter, parts, passes := e.Index.Pair(need, resource)
		if p.Parts = parts; !passes {
			p.Status, p.Filter = NotCandidate, filter.String()
			p.Sentence = fmt.Sprintf("%s is no candidate for %s: it %s.", p.Resource, p.Need, filter.Sentence())
			if filter == candidates.FilterPlace && !e.Index.Located(need) {
				p.Sentence = fmt.Sprintf("%s is no candidate for %s, which has no known place.", p.Resource, p.Need)
			}
			return nil
		}
	}
	edge, found := e.edge(need, resource)
	if found && e.carried(need, edge) > 0 { // also one that is worth nothing, for a floor
		e.describe(p, need, edge)
		p.Status, p.Sentence = Matched, e.aside(need, e.whySentence(p))
		return nil
	}
	if !found && p.Parts != nil {
		e.leftOut(p, need)
		return nil
	}
	if !found || e.worth[edge] <= 0 || e.Problem.ResourceQuantity[resource] == 0 {
		e.notCandidate(p, need, found, edge)
		return nil
	}
	e.describe(p, need, edge)
	p.Status = NotMatched
	if exact {
		if err := e.lossOf(ctx, p, need, resource); err != nil {
			return err
		}
	}
	p.TakenBy = e.instead(need, resource)
	p.Sentence = e.aside(need, e.whyNotSentence(p))
	return nil
}

// leftOut tells of a pair that passes all filters and was not among the best ones that were kept.
func (e *Explainer) leftOut(p *Pair, need int32) {
	p.Status = NotCandidate
	p.Value, p.Charge, p.Worth, p.Floors = p.Parts.Score, p.Parts.Charge, p.Parts.Amortised, p.Parts.Floors
	if p.Worth > p.NeedPrice+p.ResourcePrice {
		p.Sentence = fmt.Sprintf("%s was not among the candidates of %s that were looked at; a unit would be worth %s there.",
			p.Resource, p.Need, e.Money(p.Worth))
		return
	}
	p.LossAtLeast = max(0, p.NeedPrice+p.ResourcePrice-p.Worth-e.gap[need]-e.spare())
	p.Sentence = fmt.Sprintf("%s was not among the best candidates of %s, and its prices prove that nothing was lost by that: a unit "+
		"would be worth %s there, but the need's units are worth %s and the resource's %s elsewhere. Forcing one unit loses %s at least.",
		p.Resource, p.Need, e.Money(p.Worth), e.Money(p.NeedPrice), e.Money(p.ResourcePrice), e.Money(p.LossAtLeast))
}

func (e *Explainer) notCandidate(p *Pair, need int32, found bool, edge int32) {
	p.Status = NotCandidate
	p.Sentence = fmt.Sprintf("%s is no candidate for %s: the input has no edge between them.", p.Resource, p.Need)
	switch {
	case !found:
	case e.Problem.ResourceQuantity[e.Problem.Edges[edge].Resource] == 0:
		p.Value, p.Charge, p.Worth = e.Problem.Edges[edge].Value, e.charge(edge), e.worth[edge]
		p.Filter = candidates.FilterQuantity.String()
		p.Sentence = fmt.Sprintf("%s is no candidate for %s: it %s.", p.Resource, p.Need, candidates.FilterQuantity.Sentence())
	default:
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
	p.Unweighted = e.plain(edge)
	if p.Quantity > 0 {
		p.Net, p.NetBonus = p.Quantity*p.Value-p.Charge, p.Quantity*p.Floors
	}
	p.LossAtLeast = max(0, e.reduced(need, edge)-e.gap[need]-e.spare())
	var runnerUp int32
	if p.Rank, p.Of, runnerUp = e.rank(need, edge); p.Worth <= 0 {
		p.Rank = 0 // it is not among those that pay
	}
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
		return e.exactLoss(ctx, p, need, resource)
	}
	outcome, err := l.AskPaid(ctx, live.Force(need, resource, e.carriedBetween(need, resource)+1))
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	bound := -outcome.Gain()
	p.LossBound = &bound
	if len(e.Floors) > 0 {
		return nil // what is found would count their bonuses, and nobody would know whether they are kept
	}
	// What is forced is an allocation, too: a search that finds more with it has not lost anything.
	found := max(-outcome.AchievedGain(), p.LossAtLeast)
	p.LossFound = &found
	return nil
}

// exactLoss is lossOf without charges and lots. Where floors get as much as before it is exact. Where they get more or
// less, the bonuses that count for that are nobody's: what they leave of the loss is proven to be lost at least, and what is
// lost without them was found, unless a floor is short.
func (e *Explainer) exactLoss(ctx context.Context, p *Pair, need, resource int32) error {
	loss, moves, err := e.boundLoss(ctx, need, resource)
	if err != nil {
		return err
	}
	bonuses, touched, lacks := e.moved(moves)
	if !touched && lacks == nil && e.spare() == 0 {
		p.LossExact = &loss
		return nil
	}
	p.Lacks, p.LossAtLeast = lacks, max(p.LossAtLeast, loss-e.spare())
	if lacks == nil {
		found := max(loss+bonuses, p.LossAtLeast)
		p.LossFound = &found
	}
	return nil
}

// boundLoss is by how much the bound falls with one more unit forced onto a pair, exactly; without charges and lots the
// bound is the optimum.
func (e *Explainer) boundLoss(ctx context.Context, need, resource int32) (loss int64, moves []live.Move, err error) {
	l, err := e.optimum(ctx)
	if err != nil {
		return 0, nil, err
	}
	outcome, err := l.Ask(live.Force(need, resource, e.carriedBetween(need, resource)+1))
	if err != nil {
		return 0, nil, fmt.Errorf("explain: %w", err)
	}
	return -outcome.Gain(), outcome.Moves, nil
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
