package api

import (
	"context"
	"errors"
	"math"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/projection"
	"github.com/city-resource-graph/crg/workflows"
)

// asked is the graph, or why it cannot be asked.
func (s *server) asked() (*graph.Graph, error) {
	if s.graph == nil {
		return nil, away.because("this installation has no graph: NEO4J_URI is not set")
	}
	return s.graph, nil
}

// GetGraphStatus says how the graph stands to the rows.
func (s *server) GetGraphStatus(ctx context.Context, _ wire.GetGraphStatusRequestObject) (wire.GetGraphStatusResponseObject, error) {
	_, head, err := s.store.EventRange(ctx)
	if err != nil {
		return nil, err
	}
	answer := wire.GraphStatus{State: wire.GraphStatusStateOff, Head: head}
	if s.graph == nil {
		return wire.GetGraphStatus200JSONResponse(answer), nil
	}
	position, there, err := s.graph.Position(ctx)
	answer.Position, answer.Behind = position, max(head-position, 0)
	switch {
	case errors.Is(err, graph.ErrAway):
		answer.State = wire.GraphStatusStateAway
	case err != nil:
		return nil, err
	case !there:
		answer.State = wire.GraphStatusStateBuilding
	case answer.Behind > 0:
		answer.State = wire.GraphStatusStateBehind
	default:
		answer.State = wire.GraphStatusStateCurrent
	}
	return wire.GetGraphStatus200JSONResponse(answer), nil
}

// GetTrustPath answers how two participants know each other.
func (s *server) GetTrustPath(ctx context.Context, request wire.GetTrustPathRequestObject) (wire.GetTrustPathResponseObject, error) {
	caller, p := callerOf(ctx), request.Params
	g, err := s.asked()
	if err != nil {
		return nil, err
	}
	for _, id := range []string{p.From, p.To} {
		if _, err := s.participant(ctx, id); err != nil {
			return nil, err
		}
	}
	path, err := g.TrustPath(ctx, caller.City, city.ParticipantID(p.From), city.ParticipantID(p.To))
	if err != nil {
		return nil, err
	}
	answer := wire.TrustPath{From: p.From, To: p.To, Trust: share(path.Trust), Steps: make([]wire.TrustStep, len(path.Steps))}
	for i, step := range path.Steps {
		answer.Steps[i] = trustStep(step)
	}
	return wire.GetTrustPath200JSONResponse(answer), nil
}

func share(p graph.Permille) float64 { return float64(p) / 1000 }

func trustStep(step graph.Step) wire.TrustStep {
	answer := wire.TrustStep{
		Giver: string(step.From), Receiver: string(step.To), By: wire.TrustStepByDeliveries, Deliveries: step.Count, Trust: share(step.Trust),
	}
	if step.Backwards {
		answer.Giver, answer.Receiver = answer.Receiver, answer.Giver
	}
	if step.Vouch {
		answer.By = wire.TrustStepByVouch
	} else {
		answer.Last = &step.Last
	}
	return answer
}

// ListDuplicates answers who may be the same as a participant.
func (s *server) ListDuplicates(ctx context.Context, request wire.ListDuplicatesRequestObject) (wire.ListDuplicatesResponseObject, error) {
	g, err := s.asked()
	if err != nil {
		return nil, err
	}
	p, err := s.participant(ctx, request.Params.Participant)
	if err != nil {
		return nil, err
	}
	found, err := g.Duplicates(ctx, p.City, []graph.Subject{projection.Subject(postgres.Neighbourhood{Participant: p})})
	if err != nil {
		return nil, err
	}
	answer := wire.DuplicateList{Items: make([]wire.PossibleDuplicate, len(found))}
	for i, d := range found {
		answer.Items[i] = wire.PossibleDuplicate{
			Participant: string(d.Other), State: wire.ParticipantState(d.OtherState), NameSimilarity: math.Round(d.Likeness*100) / 100,
			SameAddress: d.SameAddress, SameEmailDomain: d.SameDomain, SameOperator: d.SameOperator,
		}
	}
	return wire.ListDuplicates200JSONResponse(answer), nil
}

// ListSubstitutes answers what may stand in for a leaf.
func (s *server) ListSubstitutes(ctx context.Context, request wire.ListSubstitutesRequestObject) (wire.ListSubstitutesResponseObject, error) {
	g, err := s.asked()
	if err != nil {
		return nil, err
	}
	category, err := s.category("leaf", city.Leaf(request.Params.Leaf))
	if err != nil {
		return nil, err
	}
	found, err := g.Substitutes(ctx, callerOf(ctx).City, category.Leaf)
	if err != nil {
		return nil, err
	}
	answer := wire.SubstituteList{Items: make([]wire.Substitute, len(found))}
	for i, one := range found {
		answer.Items[i] = wire.Substitute{
			Leaf: string(one.Leaf), Steps: one.Steps, Offering: one.Offering, Left: one.Left, Unit: string(category.Unit),
		}
	}
	return wire.ListSubstitutes200JSONResponse(answer), nil
}

// ListChains answers how what donors have could reach pantries.
func (s *server) ListChains(ctx context.Context, request wire.ListChainsRequestObject) (wire.ListChainsResponseObject, error) {
	p := request.Params
	g, err := s.asked()
	if err != nil {
		return nil, err
	}
	category, err := s.category("leaf", city.Leaf(p.Leaf))
	if err != nil {
		return nil, err
	}
	cold := p.Cold || category.Temperature == city.Chilled || category.Temperature == city.Frozen
	found, err := g.Chains(ctx, callerOf(ctx).City, graph.ChainQuery{Leaf: category.Leaf, Cold: cold, Within: float64(p.Within), Limit: p.Limit})
	if err != nil {
		return nil, err
	}
	answer := wire.ChainList{Items: make([]wire.Chain, len(found))}
	for i, c := range found {
		answer.Items[i] = wire.Chain{
			Donor: string(c.Donor), Van: string(c.Van), Store: string(c.Store), Pantry: string(c.Pantry), Offered: string(c.Offered),
			Asked: string(c.Asked), Quantity: c.Quantity, Unit: string(category.Unit), MetresToDonor: int64(c.ToDonor),
			MetresToStore: int64(c.ToStore), MetresToPantry: int64(c.ToPantry),
		}
	}
	return wire.ListChains200JSONResponse(answer), nil
}

// ReconcileGraph starts a comparison of the graph with the rows, and its repair.
func (s *server) ReconcileGraph(ctx context.Context, request wire.ReconcileGraphRequestObject) (wire.ReconcileGraphResponseObject, error) {
	if _, err := s.asked(); err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "reconcile", "graph", "graph"); err != nil {
		return nil, err
	}
	started, err := s.start(ctx, func(ctx context.Context) (workflows.Started, error) {
		return s.starter.ReconcileGraph(ctx, activities.ReconcileInput{Rebuild: request.Body.Rebuild})
	})
	if err != nil {
		return nil, err
	}
	return wire.ReconcileGraph202JSONResponse{StartedResponseJSONResponse: s.started("graph", started.WorkflowID, "/api/v1/graph/status")}, nil
}

// Vouch records that a participant stands up for another one, or takes it back.
func (s *server) Vouch(ctx context.Context, request wire.VouchRequestObject) (wire.VouchResponseObject, error) {
	caller, voucher, vouched := callerOf(ctx), city.ParticipantID(request.Participant), city.ParticipantID(request.Body.For)
	if !caller.owns(voucher) && !caller.has(city.Operator) {
		return nil, forbidden.because("participant %s vouches with its own key", voucher)
	}
	if voucher == vouched {
		return nil, refused.field("/for", "nobody vouches for itself")
	}
	for _, id := range []city.ParticipantID{voucher, vouched} {
		if _, err := s.store.Participant(ctx, caller.City, id); err != nil {
			return nil, err
		}
	}
	if err := s.audit(ctx, "vouch", "participant", string(voucher)); err != nil {
		return nil, err
	}
	var err error
	if request.Body.TakenBack {
		err = s.store.TakeBackVouch(ctx, caller.City, voucher, vouched)
	} else {
		err = s.store.Vouch(ctx, caller.City, voucher, vouched, caller.Actor)
	}
	return wire.Vouch204Response{}, err
}
