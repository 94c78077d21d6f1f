package api

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// ListCities answers with the caller's city.
func (s *server) ListCities(ctx context.Context, _ wire.ListCitiesRequestObject) (wire.ListCitiesResponseObject, error) {
	found, err := s.cityOf(ctx, callerOf(ctx).City)
	if err != nil {
		return nil, err
	}
	return wire.ListCities200JSONResponse{Items: []wire.City{found}}, nil
}

// GetCity answers with one city; there is none but the caller's own.
func (s *server) GetCity(ctx context.Context, request wire.GetCityRequestObject) (wire.GetCityResponseObject, error) {
	if city.ID(request.City) != callerOf(ctx).City {
		return nil, notFound.because("city %s: not one of this key", request.City)
	}
	found, err := s.cityOf(ctx, city.ID(request.City))
	if err != nil {
		return nil, err
	}
	return wire.GetCity200JSONResponse(found), nil
}

func (s *server) cityOf(ctx context.Context, id city.ID) (wire.City, error) {
	found, err := s.store.City(ctx, id)
	if err != nil {
		return wire.City{}, err
	}
	policy, err := policyOf(found)
	if err != nil {
		return wire.City{}, err
	}
	return wire.City{
		ID: string(found.ID), Name: found.Name, TimeZone: found.TimeZone, Currency: string(found.Currency),
		Centre: pointOf(&found.Centre), ScoringID: found.ScoringID, Policy: policy,
		Clock: wire.Clock{AsOf: found.Clock.AsOf, Shows: found.Clock.Now(time.Now()), TimeScale: found.Clock.Scale},
	}, nil
}

func policyOf(c postgres.City) (wire.Policy, error) {
	answer := wire.Policy{ID: c.PolicyID, Rules: []wire.PolicyRule{}}
	if len(c.Policy) == 0 { // no run has needed one yet
		return answer, nil
	}
	var policy city.ApprovalPolicy
	if err := json.Unmarshal(c.Policy, &policy); err != nil {
		return wire.Policy{}, fmt.Errorf("approval policy of city %s: %w", c.ID, err)
	}
	for _, rule := range policy.Rules {
		answer.Rules = append(answer.Rules, wire.PolicyRule{
			Name: rule.Name, Below: rule.Below, Class: string(rule.Class), Leaf: string(rule.Leaf),
			AskSides: parties(rule.AskSides), CityApprovers: rule.CityApprover,
		})
	}
	return answer, nil
}

func parties(from []city.Party) []wire.Party {
	answer := make([]wire.Party, len(from))
	for i, party := range from {
		answer[i] = wire.Party(party)
	}
	return answer
}
