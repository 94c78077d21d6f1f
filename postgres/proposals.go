package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Proposal is one match that a run proposes. Its leaf is the resource's; giver, receiver, unit, ward and origin come
// from the listings.
type Proposal struct {
	Leaf          city.Leaf
	N             int // counted from 1 within the leaf; ignored for an alternative
	Resource      city.ListingID
	Need          city.ListingID
	Quantity      int64
	ScoreMinor    int64 // per unit of quantity
	ChargeMinor   int64 // for the trip, whatever the quantity
	ExpectedMinor int64 // ScoreMinor x Quantity - ChargeMinor
	DistanceM     int
	Keeps         []city.MatchID `json:",omitempty"` // open matches that promise just this: they stay, and nothing new is recorded
}

// Recorded says which proposals became matches, in the order given, and which were skipped because of what happened
// since the snapshot: another run took the stock, or a holder does not take part any more.
type Recorded struct {
	Matches  []city.MatchID
	Skipped  []SkippedProposal
	Inactive int64 // of Skipped: a holder is not active
}

// SkippedProposal is a proposal that found too little left, or nobody to make it to.
type SkippedProposal struct {
	Match  city.MatchID
	Reason string
}

// RecordProposals is RecordRun of a run that replaces nothing.
func (s *Store) RecordProposals(ctx context.Context, id city.ID, run city.RunID, proposals []Proposal) (Recorded, error) {
	return s.RecordRun(ctx, id, run, proposals, nil)
}

// RecordRun records a run's proposals and their holds in one set-based write, in the order given. A proposal
// whose resource or need has too little left, or a holder who is not active, is skipped whole, and takes nothing from
// those after it. A run records once: the same call again answers what was recorded and changes nothing.
//
// In the same transaction the open proposals of earlier runs that this one replaces let go of what they hold. One that
// somebody has agreed to meanwhile stays, and what was meant to take its place is skipped.
func (s *Store) RecordRun(ctx context.Context, id city.ID, run city.RunID, proposals []Proposal, replaced []city.MatchID) (Recorded, error) {
	var recorded Recorded
	err := s.write(ctx, fmt.Sprintf("record the proposals of run %s", run), func(_ pgx.Tx, q *gen.Queries) error {
		now, err := q.RunForUpdate(ctx, gen.RunForUpdateParams{City: string(id), ID: string(run)})
		if err != nil {
			return err
		}
		if now.Recorded != nil {
			recorded, err = recordedBefore(ctx, q, id, run, proposals)
			if now.Inactive != nil {
				recorded.Inactive = *now.Inactive
			}
			return err
		}
		if now.State != string(RunRunning) {
			return &StateError{Subject: "run " + string(run), State: now.State, Wanted: "recording proposals"}
		}
		holders, err := lockHolders(ctx, q, id, proposals)
		if err != nil {
			return err
		}
		if err := supersede(ctx, q, id, run, replaced, proposals, holders); err != nil {
			return err
		}
		if recorded, err = hold(ctx, q, id, run, proposals, holders, nil); err != nil {
			return err
		}
		taken, skipped := int64(len(recorded.Matches)), int64(len(recorded.Skipped))
		total := taken + skipped
		return q.CountProposals(ctx, gen.CountProposalsParams{
			City: string(id), ID: string(run), Proposals: &total, Recorded: &taken, Skipped: &skipped, Inactive: &recorded.Inactive,
		})
	})
	return recorded, err
}

// supersede ends the open proposals that a run replaces. Matches are locked before listings, as everywhere, and all
// listings of the run in one order: those of the proposals, too.
func supersede(
	ctx context.Context, q *gen.Queries, id city.ID, run city.RunID, replaced []city.MatchID, proposals []Proposal, by holders,
) error {
	if len(replaced) == 0 {
		return nil
	}
	asked := make([]string, len(replaced))
	for i, match := range replaced {
		asked[i] = match.String()
	}
	open, err := q.LockOpen(ctx, gen.LockOpenParams{City: string(id), Ids: asked})
	if err != nil {
		return err
	}
	sides := sidesOf(proposals)
	for _, m := range open {
		sides = append(sides, m.Resource, m.Need)
	}
	slices.Sort(sides)
	if _, err := q.LockForProposals(ctx, gen.LockForProposalsParams{City: string(id), Ids: slices.Compact(sides)}); err != nil {
		return err
	}
	return q.Supersede(ctx, gen.SupersedeParams{City: string(id), By: string(run), Ids: overtaken(open, proposals, by)})
}

// overtaken are those of the open proposals that make room. One stays if everything that was to take its place is left out for
// its holders: it would go for nothing.
func overtaken(open []gen.LockOpenRow, proposals []Proposal, by holders) []string {
	made, leftOut := map[string]bool{}, map[string]bool{}
	for _, p := range proposals {
		sides := made
		if by.away(p) != "" {
			sides = leftOut
		}
		sides[string(p.Resource)], sides[string(p.Need)] = true, true
	}
	var ids []string
	for _, m := range open {
		if made[m.Resource] || made[m.Need] || !leftOut[m.Resource] && !leftOut[m.Need] {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// Superseded are the matches that a run replaced.
func (s *Store) Superseded(ctx context.Context, id city.ID, run city.RunID) ([]city.MatchID, error) {
	rows, err := s.q.Superseded(ctx, gen.SupersededParams{City: string(id), By: string(run)})
	matches := make([]city.MatchID, len(rows))
	for i, row := range rows {
		matches[i] = city.MatchID{Run: city.RunID(row.Run), Leaf: city.Leaf(row.Leaf), N: int(row.N)}
	}
	return matches, translate(fmt.Sprintf("list what run %s replaced", run), err)
}

// RecordAlternative offers another partner after a match ended without a hand-over. Its number is the next one of the
// run and leaf. The alternative of a match is recorded once: the same call again answers the first. False means that
// the stock was taken meanwhile, or that a holder is not active any more.
func (s *Store) RecordAlternative(ctx context.Context, id city.ID, of city.MatchID, p Proposal) (city.MatchID, bool, error) {
	var match city.MatchID
	var held bool
	err := s.write(ctx, fmt.Sprintf("record the alternative of match %s", of), func(_ pgx.Tx, q *gen.Queries) error {
		if _, err := q.RunForUpdate(ctx, gen.RunForUpdateParams{City: string(id), ID: string(of.Run)}); err != nil {
			return err
		}
		holders, err := lockHolders(ctx, q, id, []Proposal{p})
		if err != nil {
			return err
		}
		first, err := q.AlternativeOf(ctx, gen.AlternativeOfParams{City: string(id), AlternativeOf: of.String()})
		if err != nil {
			return err
		}
		if len(first) > 0 {
			match, held = city.MatchID{Run: of.Run, Leaf: city.Leaf(first[0].Leaf), N: int(first[0].N)}, true
			return nil
		}
		before, err := q.MatchForUpdate(ctx, matchKey(id, of))
		if err != nil {
			return err
		}
		if state := city.MatchState(before.State); state.Holds() || state == city.MatchConfirmed {
			return &StateError{Subject: "match " + of.String(), State: before.State, Wanted: "an alternative"}
		}
		n, err := q.NextNumber(ctx, gen.NextNumberParams{City: string(id), Run: string(of.Run), Leaf: string(p.Leaf)})
		if err != nil {
			return err
		}
		p.N = int(n)
		recorded, err := hold(ctx, q, id, of.Run, []Proposal{p}, holders, &of)
		match, held = city.MatchID{Run: of.Run, Leaf: p.Leaf, N: p.N}, len(recorded.Matches) == 1
		return err
	})
	if err != nil || !held {
		return city.MatchID{}, false, err
	}
	return match, true, nil
}

// recordedBefore answers for a run that has recorded already.
func recordedBefore(ctx context.Context, q *gen.Queries, id city.ID, run city.RunID, proposals []Proposal) (Recorded, error) {
	rows, err := q.RecordedProposals(ctx, gen.RecordedProposalsParams{City: string(id), Run: string(run)})
	if err != nil {
		return Recorded{}, err
	}
	type place struct {
		leaf string
		n    int32
	}
	before := make(map[place]gen.RecordedProposalsRow, len(rows))
	for _, row := range rows {
		before[place{row.Leaf, row.N}] = row
	}
	var recorded Recorded
	for _, p := range proposals {
		match := city.MatchID{Run: run, Leaf: p.Leaf, N: p.N}
		row, there := before[place{string(p.Leaf), int32(p.N)}]
		switch {
		case !there:
			recorded.Skipped = append(recorded.Skipped, SkippedProposal{Match: match, Reason: "skipped when the run was recorded"})
		case row.Resource != string(p.Resource) || row.Need != string(p.Need) || row.Quantity != p.Quantity:
			return Recorded{}, fmt.Errorf("match %s was recorded between %s and %s: %w", match, row.Resource, row.Need, ErrConflict)
		default:
			recorded.Matches = append(recorded.Matches, match)
		}
	}
	return recorded, nil
}
