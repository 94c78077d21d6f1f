package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/valuation"
)

// ValueStore is what valuations are read from and appended to.
type ValueStore interface {
	WorthStore
	ListMatches(ctx context.Context, id city.ID, f postgres.MatchFilter, page postgres.Page) ([]postgres.Match, string, error)
	Match(ctx context.Context, id city.ID, match city.MatchID) (postgres.Match, error)
	DecisionsOf(ctx context.Context, id city.ID, matches []city.MatchID) (map[city.MatchID][]postgres.Decision, error)
	Rules(ctx context.Context, id city.ID) ([]city.Rule, error)
	ListRuns(ctx context.Context, id city.ID, page postgres.Page) ([]postgres.Run, string, error)
	AppendValuations(ctx context.Context, valuations []postgres.Valuation) (int64, error)
}

// Values states what matches are worth, one at its end and all of a run together.
type Values struct {
	store      ValueStore
	objects    Objects
	parameters *valuation.Parameters
	incomes    *memo[map[string]int64]
}

// NewValues values by the method of parameters where no other version is asked for; now is the wall clock.
func NewValues(store ValueStore, objects Objects, parameters *valuation.Parameters, now func() time.Time) *Values {
	return &Values{store, objects, parameters, newMemo(now, wardIncomes(store))}
}

// author of the records that workflows append.
const author = "crg"

// ValueMatch appends the ex-post value of a confirmed match: what was measured, at central values.
func (v *Values) ValueMatch(ctx context.Context, ref MatchRef) (MatchWorth, error) {
	worth, err := v.valueMatch(ctx, ref)
	return worth, classify(err)
}

func (v *Values) valueMatch(ctx context.Context, ref MatchRef) (MatchWorth, error) {
	m, err := v.store.Match(ctx, ref.City, ref.Match)
	if err != nil {
		return MatchWorth{}, err
	}
	if m.State != city.MatchConfirmed {
		return MatchWorth{}, fmt.Errorf("value match %s: %w", ref.Match, &postgres.StateError{
			Subject: "match " + ref.Match.String(), State: string(m.State), Wanted: "its value",
		})
	}
	described, err := v.describe(ctx, ref.City, []postgres.Match{m}, ExPost)
	if err != nil {
		return MatchWorth{}, err
	}
	result, err := valuation.Value(v.parameters, described[0])
	if err != nil {
		return MatchWorth{}, fmt.Errorf("%w: value match %s: %w", errInvalid, ref.Match, err)
	}
	inputs, err := json.Marshal(described[0])
	if err != nil {
		return MatchWorth{}, err
	}
	items, err := json.Marshal(result)
	if err != nil {
		return MatchWorth{}, err
	}
	record := fmt.Sprintf("match.%s.%s.%s.f%s", ref.Match, ExPost, v.parameters.Version, valuation.Formulas)
	_, err = v.store.AppendValuations(ctx, []postgres.Valuation{{
		City: ref.City, ID: record, Scope: string(ScopeMatch), ScopeID: ref.Match.String(), Match: &ref.Match,
		Moment: ExPost, Method: v.parameters.Version, ParametersSHA256: v.parameters.Hash, Formulas: valuation.Formulas,
		Inputs: inputs, Result: items, Currency: v.parameters.Currency, PriceYear: v.parameters.PriceYear, NSVMinor: result.NSV, Author: author,
	}})
	return MatchWorth{Record: record, NSVMinor: result.NSV, Currency: v.parameters.Currency}, err
}

// inputs is what a valuation starts from, in the form that anybody can value again with crg value.
type inputs struct {
	Currency   city.Currency     `json:"currency"`
	PriceYear  int               `json:"price_year"`
	Rules      []city.Rule       `json:"rules"`
	Matches    []valuation.Match `json:"matches"`
	Parameters string            `json:"parameters,omitempty"` // the file of a method that is not shipped
}

// FreezeValuation stores the matches of a scope as they are now, with the rules that derived their quantities, and says
// by which version of the method they will be valued.
func (v *Values) FreezeValuation(ctx context.Context, in ValuationRef) (FrozenValuation, error) {
	defer beating(ctx)()
	frozen, err := v.freeze(ctx, in)
	return frozen, classify(err)
}

func (v *Values) freeze(ctx context.Context, in ValuationRef) (FrozenValuation, error) {
	parameters, own, err := v.methodOf(ctx, in)
	if err != nil {
		return FrozenValuation{}, err
	}
	matches, err := v.matches(ctx, in)
	if err != nil {
		return FrozenValuation{}, err
	}
	described, err := v.describe(ctx, in.City, matches, in.Moment)
	if err != nil {
		return FrozenValuation{}, err
	}
	rules, err := v.store.Rules(ctx, in.City)
	if err != nil {
		return FrozenValuation{}, err
	}
	ref, err := putJSON(ctx, v.objects, fmt.Sprintf("%s/valuations/%s-%s-%s", in.City, in.Scope, in.ID, in.Moment), inputs{
		Currency: parameters.Currency, PriceYear: parameters.PriceYear, Rules: used(rules, described), Matches: described,
		Parameters: own,
	})
	return FrozenValuation{
		ValuationRef: in, Inputs: ref, Method: parameters.Version, ParametersSHA256: parameters.Hash, Formulas: valuation.Formulas,
		Record: fmt.Sprintf("%s.%s.%s.%s.f%s.%s", in.Scope, in.ID, in.Moment, parameters.Version, valuation.Formulas, ref.SHA256[:12]),
		Seed:   seedOf(in), Matches: int64(len(described)),
	}, err
}

// seedOf derives the seed from what is valued, so that a repeated valuation of the same matches repeats its range.
func seedOf(in ValuationRef) int64 {
	hash := fnv.New64a()
	_, _ = fmt.Fprintf(hash, "%s/%s/%s", in.City, in.Scope, in.ID) // a hash never fails to write
	return int64(hash.Sum64() >> 1)
}

// matches lists what a scope covers: ex-ante everything that was proposed, ex-post what was confirmed.
func (v *Values) matches(ctx context.Context, in ValuationRef) ([]postgres.Match, error) {
	if in.Scope == ScopeMatch {
		id, err := city.ParseMatchID(in.ID)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errInvalid, err)
		}
		m, err := v.store.Match(ctx, in.City, id)
		return []postgres.Match{m}, err
	}
	filter := postgres.MatchFilter{Run: city.RunID(in.ID)}
	if in.Moment == ExPost {
		filter.State = city.MatchConfirmed
	}
	var all []postgres.Match
	for page := (postgres.Page{Limit: 500}); ; {
		matches, next, err := v.store.ListMatches(ctx, in.City, filter, page)
		if err != nil {
			return nil, err
		}
		for _, m := range matches {
			if in.Moment == ExPost || m.AlternativeOf == nil {
				all = append(all, m) // an alternative takes the place of a match that was counted already
			}
		}
		if next == "" {
			return all, nil
		}
		page.After = next
	}
}

// used leaves out the rules that no match rests on.
func used(rules []city.Rule, matches []valuation.Match) []city.Rule {
	rests := map[city.RuleID]bool{}
	for _, m := range matches {
		rests[m.GiverRule], rests[m.ReceiverRule] = true, true
	}
	kept := []city.Rule{} // none is an empty list in an input, not null
	for _, rule := range rules {
		if rests[rule.ID] {
			kept = append(kept, rule)
		}
	}
	return kept
}

// ComputeValuation computes every line item and the range of the sum on shared draws, and checks that items, accounts
// and groups add up to the cent.
func (v *Values) ComputeValuation(ctx context.Context, in FrozenValuation) (ComputedValuation, error) {
	defer beating(ctx)()
	computed, err := v.compute(ctx, in)
	return computed, classify(err)
}

func (v *Values) compute(ctx context.Context, in FrozenValuation) (ComputedValuation, error) {
	if in.Formulas == "" { // frozen by a worker that did not number them: this one's are those it is computed by
		in.Formulas = valuation.Formulas
	}
	if in.Formulas != valuation.Formulas {
		return ComputedValuation{}, fmt.Errorf("%w: frozen for formulas %q, this worker has %q: start the valuation again",
			errInvalid, in.Formulas, valuation.Formulas)
	}
	var frozen inputs
	if err := getJSON(ctx, v.objects, in.Inputs, &frozen); err != nil {
		return ComputedValuation{}, err
	}
	parameters, err := frozen.method(in.Method, in.ParametersSHA256)
	if err != nil {
		return ComputedValuation{}, fmt.Errorf("%w: %w", errInvalid, err)
	}
	summary, err := valuation.Portfolio(parameters, frozen.Matches, valuation.Simulation{Seed: uint64(in.Seed), Rules: frozen.Rules})
	if err != nil {
		return ComputedValuation{}, fmt.Errorf("%w: %w", errInvalid, err)
	}
	if err := reconcile(summary); err != nil {
		return ComputedValuation{}, err
	}
	ref, err := putJSON(ctx, v.objects, fmt.Sprintf("%s/valuations/%s", in.City, in.Record), summary)
	total := summary.Total
	return ComputedValuation{FrozenValuation: in, Result: ref, Totals: ValuationResult{
		Record: in.Record, Currency: summary.Currency, PriceYear: summary.PriceYear, Method: summary.Method, Formulas: summary.Formulas,
		Matches:  in.Matches,
		NSVMinor: total.NSV, P5Minor: total.Range.P5, P50Minor: total.Range.P50, P95Minor: total.Range.P95,
	}}, err
}

// AppendValuation appends the record of a valuation; the same one again changes nothing.
func (v *Values) AppendValuation(ctx context.Context, in ComputedValuation) (ValuationResult, error) {
	err := v.append(ctx, in)
	return in.Totals, classify(err)
}

func (v *Values) append(ctx context.Context, in ComputedValuation) error {
	totals, err := json.Marshal(struct {
		ValuationResult
		Summary Ref `json:"summary"`
	}{in.Totals, in.Result})
	if err != nil {
		return err
	}
	t := in.Totals
	record := postgres.Valuation{
		City: in.City, ID: in.Record, Scope: string(in.Scope), ScopeID: in.ID, Moment: in.Moment,
		Method: in.Method, ParametersSHA256: in.ParametersSHA256, Formulas: in.Formulas, Inputs: reference(in.Inputs), Seed: in.Seed, Result: totals,
		Currency: t.Currency, PriceYear: t.PriceYear, NSVMinor: t.NSVMinor, P5Minor: &t.P5Minor, P50Minor: &t.P50Minor,
		P95Minor: &t.P95Minor, Author: cmp.Or(in.Author, author),
	}
	if in.Scope == ScopeMatch {
		id, err := city.ParseMatchID(in.ID)
		if err != nil {
			return fmt.Errorf("%w: %w", errInvalid, err)
		}
		record.Match = &id
	}
	_, err = v.store.AppendValuations(ctx, []postgres.Valuation{record})
	return err
}
