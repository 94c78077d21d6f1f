package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/reporting"
	"github.com/city-resource-graph/crg/workflows"
)

// StartValuation starts a valuation of a run or a match. It adds a record; none is ever overwritten.
func (s *server) StartValuation(ctx context.Context, request wire.StartValuationRequestObject) (wire.StartValuationResponseObject, error) {
	caller, body := callerOf(ctx), request.Body
	ref := activities.ValuationRef{
		City: caller.City, Scope: activities.Scope(body.Scope), ID: body.ScopeID, Moment: activities.Moment(body.Moment),
		Author: caller.Actor,
	}
	if ref.Moment == "" {
		ref.Moment = activities.ExPost
	}
	if err := s.checkScope(ctx, ref); err != nil {
		return nil, err
	}
	if err := s.checkMethod(ctx, &ref, body); err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "start", "valuation", body.ScopeID); err != nil {
		return nil, err
	}
	started, err := s.start(ctx, func(ctx context.Context) (workflows.Started, error) { return s.starter.EconomicValuation(ctx, ref) })
	if err != nil {
		return nil, err
	}
	return wire.StartValuation202JSONResponse{StartedResponseJSONResponse: s.started(body.ScopeID, started.WorkflowID,
		valuationsOf(ref))}, nil
}

// valuationsOf is the list in which the record of a valuation will appear.
func valuationsOf(ref activities.ValuationRef) string {
	query := url.Values{"scope": {string(ref.Scope)}, "scope_id": {ref.ID}, "moment": {string(ref.Moment)}}
	if ref.Method != "" {
		query.Set("method", ref.Method)
	}
	return "/api/v1/valuations?" + query.Encode()
}

// checkScope refuses a valuation of something that is not there.
func (s *server) checkScope(ctx context.Context, ref activities.ValuationRef) error {
	if ref.Scope == activities.ScopeMatch {
		_, err := s.visibleMatch(ctx, ref.ID)
		return err
	}
	_, err := s.store.Run(ctx, ref.City, city.RunID(ref.ID))
	return err
}

// ListValuations lists valuations in the order in which they were made, without their line items.
func (s *server) ListValuations(ctx context.Context, request wire.ListValuationsRequestObject) (wire.ListValuationsResponseObject, error) {
	p := request.Params
	found, next, err := s.store.Valuations(ctx, callerOf(ctx).City, postgres.ValuationFilter{
		Scope: string(p.Scope), ScopeID: p.ScopeID, Moment: postgres.Moment(p.Moment), Method: p.Method,
	}, page(p.After, p.Limit))
	if err != nil {
		return nil, badCursor(p.After, err)
	}
	items := make([]wire.Valuation, len(found))
	for i, valuation := range found {
		items[i] = valuationOf(valuation)
	}
	return wire.ListValuations200JSONResponse{Items: items, Next: next}, nil
}

// GetValuation answers with one valuation and its line items.
func (s *server) GetValuation(ctx context.Context, request wire.GetValuationRequestObject) (wire.GetValuationResponseObject, error) {
	found, err := s.store.Valuation(ctx, callerOf(ctx).City, request.Valuation)
	if err != nil {
		return nil, err
	}
	answer := valuationOf(found)
	if answer.Result, err = s.explained(ctx, found); err != nil {
		return nil, fmt.Errorf("result of valuation %s: %w", found.ID, err)
	}
	return wire.GetValuation200JSONResponse(answer), nil
}

// explained is a valuation's document, computed once more; where that cannot be, what was recorded.
func (s *server) explained(ctx context.Context, record postgres.Valuation) (result map[string]any, err error) {
	content := []byte(record.Result)
	if s.objects != nil {
		document, err := reporting.Explained(ctx, s.objects, record)
		if err != nil {
			s.logger.WarnContext(ctx, "a valuation is shown as recorded", "valuation", record.ID, "error", err)
		} else if content, err = json.Marshal(document); err != nil {
			return nil, err
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber() // amounts keep their decimals
	return result, decoder.Decode(&result)
}

func valuationOf(v postgres.Valuation) wire.Valuation {
	answer := wire.Valuation{
		ID: v.ID, Scope: v.Scope, ScopeID: v.ScopeID, Moment: wire.Moment(v.Moment), Method: v.Method,
		ParametersSha256: v.ParametersSHA256, Formulas: v.Formulas, Seed: v.Seed, Currency: string(v.Currency), PriceYear: v.PriceYear,
		Nsv: city.FormatMinor(v.NSVMinor, v.Currency), P5: amount(v.P5Minor, v.Currency), P50: amount(v.P50Minor, v.Currency),
		P95: amount(v.P95Minor, v.Currency), Author: v.Author, CreatedAt: v.CreatedAt,
	}
	if v.Match != nil {
		answer.Match = v.Match.String()
	}
	return answer
}

// amount is a percentile; a single match has none.
func amount(minor *int64, currency city.Currency) string {
	if minor == nil {
		return ""
	}
	return city.FormatMinor(*minor, currency)
}
