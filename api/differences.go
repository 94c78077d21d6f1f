package api

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/reporting"
	"github.com/city-resource-graph/crg/valuation"
)

// GetValuationDifference explains a valuation against another one of the same scope, to the cent.
func (s *server) GetValuationDifference(
	ctx context.Context, request wire.GetValuationDifferenceRequestObject,
) (wire.GetValuationDifferenceResponseObject, error) {
	after, err := s.store.Valuation(ctx, callerOf(ctx).City, request.Valuation)
	if err != nil {
		return nil, err
	}
	before, err := s.earlier(ctx, after, request.Params.From)
	if err != nil {
		return nil, err
	}
	if s.objects == nil {
		return nil, waiting(away, "the API has no object storage, where the valuations' inputs are")
	}
	change, err := reporting.Difference(ctx, s.objects, before, after)
	switch {
	case errors.Is(err, reporting.ErrOtherScope), errors.Is(err, valuation.ErrNoIndex):
		return nil, refused.field("from", "%v", err)
	case err != nil:
		return nil, err
	}
	return wire.GetValuationDifference200JSONResponse(differenceOf(change, before, after)), nil
}

// earlier is the valuation that a caller compares with: the one named, or the one that was made of the scope before.
func (s *server) earlier(ctx context.Context, after postgres.Valuation, from string) (postgres.Valuation, error) {
	if from != "" {
		before, err := s.store.Valuation(ctx, after.City, from)
		if errors.Is(err, postgres.ErrNotFound) {
			err = refused.field("from", "there is no valuation %s", from)
		}
		return before, err
	}
	var before postgres.Valuation
	filter := postgres.ValuationFilter{Scope: after.Scope, ScopeID: after.ScopeID}
	for page := page("", 500); ; {
		found, next, err := s.store.Valuations(ctx, after.City, filter, page)
		if err != nil {
			return before, err
		}
		for _, one := range found {
			if one.ID == after.ID && before.ID == "" {
				return before, refused.field("from", "%s is the first valuation of %s %s: name another one", after.ID, after.Scope, after.ScopeID)
			}
			if one.ID == after.ID {
				return before, nil
			}
			before = one
		}
		if next == "" {
			return before, fmt.Errorf("valuation %s is not in the list of its scope", after.ID)
		}
		page.After = next
	}
}

func differenceOf(e valuation.Explanation, before, after postgres.Valuation) wire.ValuationDifference {
	amount := func(minor int64) string { return city.FormatMinor(minor, after.Currency) }
	parameters := e.Of(valuation.MethodCause) + e.Of(valuation.FigureCause)
	matches := e.Of(valuation.AddedCause) + e.Of(valuation.RemovedCause)
	answer := wire.ValuationDifference{
		Before: before.ID, After: after.ID, ValuedBefore: valuedBy(before), ValuedAfter: valuedBy(after),
		Currency: string(after.Currency), NsvBefore: amount(e.Before), NsvAfter: amount(e.After),
		Change: amount(e.Change), Formulas: amount(e.Of(valuation.FormulasCause)), Parameters: amount(parameters), Quantities: amount(e.Of(valuation.QuantityCause)),
		Inputs: amount(e.Of(valuation.InputCause)), Matches: amount(matches), Causes: make([]wire.DifferenceCause, len(e.Causes)),
	}
	for i, cause := range e.Causes {
		answer.Causes[i] = wire.DifferenceCause{Kind: wire.DifferenceCauseKind(cause.Kind), Name: cause.Name, Amount: amount(cause.Amount)}
	}
	var parts []string
	for _, part := range []struct {
		name  string
		minor int64
	}{
		{"formulas", e.Of(valuation.FormulasCause)},
		{"parameters", parameters},
		{"measured weights", e.Of(valuation.QuantityCause)},
		{"other facts of the matches", e.Of(valuation.InputCause)},
		{"matches that came or went", matches},
	} {
		if part.minor != 0 {
			parts = append(parts, part.name+" "+signed(part.minor, after.Currency))
		}
	}
	answer.Sentence = fmt.Sprintf("of %s %s: %s", signed(e.Change, after.Currency), after.Currency, strings.Join(parts, ", "))
	if len(parts) == 0 {
		answer.Sentence = "nothing changed"
	}
	return answer
}

func valuedBy(v postgres.Valuation) wire.ValuedBy {
	return wire.ValuedBy{Method: v.Method, ParametersSha256: v.ParametersSHA256, Formulas: v.Formulas}
}

// signed writes an amount with its sign, for differences.
func signed(minor int64, currency city.Currency) string {
	if minor > 0 {
		return "+" + city.FormatMinor(minor, currency)
	}
	return city.FormatMinor(minor, currency)
}
