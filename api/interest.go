package api

import (
	"context"
	"errors"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/postgres"
)

// checkInterest refuses a signature for the city by somebody who works for a party, or for one that is bound to it: the
// same address, e-mail domain or operator, or one vouches for the other. The rows answer for the party itself always; the
// rest is the graph's, and without it nobody is kept from signing by what only it knows.
func (s *server) checkInterest(ctx context.Context, caller Caller, m postgres.Match, said word) error {
	if said.party != city.CityHall || caller.WorksFor == "" {
		return nil
	}
	parties := []city.ParticipantID{m.Giver, m.Receiver}
	for _, party := range parties {
		if party == caller.WorksFor {
			return bound(caller, graph.Tie{Party: party, Why: "is the party itself"})
		}
	}
	if s.graph == nil {
		return nil
	}
	ties, err := s.graph.Ties(ctx, caller.City, caller.WorksFor, parties)
	if errors.Is(err, graph.ErrAway) {
		s.logger.WarnContext(ctx, "a signature was taken without asking the graph for a conflict of interest", "match", m.ID.String(), "error", err)
		return nil
	}
	if err != nil || len(ties) == 0 {
		return err
	}
	return bound(caller, ties[0])
}

func bound(caller Caller, tie graph.Tie) error {
	return ownInterest.because("%s works for %s, which %s (%s): another person signs for the city", caller.Actor, caller.WorksFor, tie.Why, tie.Party)
}
