package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// ApproveByPolicy stores what the approval policy asks for. When it asks for nobody, the match is approved with a
// decision of the policy, in the same transaction. The same call again answers the same and changes nothing.
func (s *Store) ApproveByPolicy(ctx context.Context, id city.ID, match city.MatchID, policy string, r city.Requirement) (bool, error) {
	approved := false
	err := s.write(ctx, fmt.Sprintf("ask the policy about match %s", match), func(_ pgx.Tx, q *gen.Queries) error {
		m, err := q.MatchForUpdate(ctx, matchKey(id, match))
		if err != nil {
			return err
		}
		if m.RequirementRule != nil { // asked before
			approved = r.Automatic() && m.ApprovedAt != nil
			return nil
		}
		if m.State != string(city.MatchProposed) {
			return &StateError{Subject: "match " + match.String(), State: m.State, Wanted: "asking the policy"}
		}
		err = q.SetRequirement(ctx, gen.SetRequirementParams{
			City: string(id), Run: string(match.Run), Leaf: string(match.Leaf), N: int32(match.N),
			Rule: r.Rule, Sides: texts(r.Sides), Approvers: int16(r.CityApprovers),
		})
		if err != nil || !r.Automatic() {
			return err
		}
		approved = true
		err = q.InsertPolicyApproval(ctx, gen.InsertPolicyApprovalParams{
			City: string(id), ID: fmt.Sprintf("policy.%s.%s.%d", match.Run, match.Leaf, match.N), Actor: "policy:" + policy,
			Match: match.String(), Origin: m.Origin, OutcomeReason: "rule " + r.Rule,
		})
		if err != nil {
			return err
		}
		return setMatchState(ctx, q, id, match, city.MatchApproved, "", measures{})
	})
	return approved, err
}

// CloseMatch ends a match as rejected, expired, cancelled or failed and lets go of its hold, so that both listings
// open again. One that ended so already is a success; a StateError names another state that is in the way.
func (s *Store) CloseMatch(ctx context.Context, id city.ID, match city.MatchID, to city.MatchState, reason string) error {
	if to.Holds() || to == city.MatchConfirmed {
		return fmt.Errorf("close match %s as %q: want rejected, expired, cancelled or failed: %w", match, to, ErrInvalid)
	}
	return s.write(ctx, fmt.Sprintf("close match %s", match), func(_ pgx.Tx, q *gen.Queries) error {
		m, err := q.MatchForUpdate(ctx, matchKey(id, match))
		if err != nil || m.State == string(to) {
			return err
		}
		if !city.MatchTransitions().Allows(city.MatchState(m.State), to) {
			return &StateError{Subject: "match " + match.String(), State: m.State, Wanted: string(to)}
		}
		return setMatchState(ctx, q, id, match, to, reason, measures{})
	})
}

func setMatchState(ctx context.Context, q *gen.Queries, id city.ID, match city.MatchID, to city.MatchState, reason string, m measures) error {
	return q.SetMatchState(ctx, gen.SetMatchStateParams{
		City: string(id), Run: string(match.Run), Leaf: string(match.Leaf), N: int32(match.N), State: string(to),
		StateReason: reason, HandedQuantity: m.handed, ReceivedQuantity: m.received, MeasuredQuantity: m.counts,
	})
}
