package api

import (
	"context"
	"errors"
	"fmt"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// endMatches cancels the matches of a withdrawn listing that were not handed over, for its side: each by a decision of its
// own, which the match's workflow takes as any other. What was handed over runs its course.
func (s *server) endMatches(ctx context.Context, l postgres.Listing, reason city.Reason, note string) error {
	caller := callerOf(ctx)
	party := city.Giver
	if l.Side == city.NeedSide {
		party = city.Receiver
	}
	after := ""
	for {
		found, next, err := s.store.ListMatches(ctx, l.City, postgres.MatchFilter{Participant: l.Holder}, page(after, postgres.MaxLimit))
		if err != nil {
			return err
		}
		for _, m := range found {
			if (m.Resource != l.ID && m.Need != l.ID) || (m.State != city.MatchProposed && m.State != city.MatchApproved) {
				continue
			}
			err := s.endMatch(ctx, m, postgres.Decision{
				City: l.City, ID: city.DecisionID(fmt.Sprintf("%s.%s", effectOf(ctx), shortHash(m.ID.String()))), Kind: city.DecisionCancel,
				Party: party, Actor: caller.Actor, Role: caller.Role, Reason: reason, Note: note, Match: &m.ID, Origin: city.Observed,
			})
			if err != nil {
				return err
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
}

// endMatch records and announces a cancellation; a match that came to its end meanwhile needs none.
func (s *server) endMatch(ctx context.Context, m postgres.Match, d postgres.Decision) error {
	if err := s.audit(ctx, string(d.Kind), "match", m.ID.String()); err != nil {
		return err
	}
	err := s.store.RecordDecision(ctx, d)
	var state *postgres.StateError
	if errors.As(err, &state) {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.askTemporal(ctx, func(ctx context.Context) error {
		return s.starter.SignalDecision(ctx, activities.MatchRef{City: m.City, Match: m.ID}, d.Kind, d.ID)
	})
	if errors.Is(err, workflows.ErrOver) {
		return nil
	}
	return err
}
