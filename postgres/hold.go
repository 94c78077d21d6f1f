package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// holders are who holds the listings that proposals ask for, by listing.
type holders map[city.ListingID]gen.LockHoldersRow

// lockHolders keeps the holders in their state until the transaction ends.
func lockHolders(ctx context.Context, q *gen.Queries, id city.ID, proposals []Proposal) (holders, error) {
	rows, err := q.LockHolders(ctx, gen.LockHoldersParams{City: string(id), Ids: sidesOf(proposals)})
	by := make(holders, len(rows))
	for _, row := range rows {
		by[city.ListingID(row.Listing)] = row
	}
	return by, err
}

// away says which side of a proposal does not take part; empty when both do.
func (by holders) away(p Proposal) string {
	for _, side := range []struct {
		party   city.Party
		listing city.ListingID
	}{{city.Giver, p.Resource}, {city.Receiver, p.Need}} {
		if holder, there := by[side.listing]; there && holder.State != string(city.ParticipantActive) {
			return fmt.Sprintf("%s is %s", side.party, holder.State)
		}
	}
	return ""
}

// sidesOf are the listings that proposals ask for, each once.
func sidesOf(proposals []Proposal) []string {
	asked := make([]string, 0, 2*len(proposals))
	for _, p := range proposals {
		asked = append(asked, string(p.Resource), string(p.Need))
	}
	slices.Sort(asked)
	return slices.Compact(asked)
}

// hold locks the stock, keeps what fits, and inserts that; the triggers of match hold the quantities on the listings.
func hold(
	ctx context.Context, q *gen.Queries, id city.ID, run city.RunID, proposals []Proposal, by holders, of *city.MatchID,
) (Recorded, error) {
	stock, err := q.LockForProposals(ctx, gen.LockForProposalsParams{City: string(id), Ids: sidesOf(proposals)})
	if err != nil {
		return Recorded{}, err
	}
	left := make(map[city.ListingID]*gen.LockForProposalsRow, len(stock))
	for i := range stock {
		left[city.ListingID(stock[i].ID)] = &stock[i]
	}
	var recorded Recorded
	rows := gen.InsertMatchesParams{City: string(id), Run: string(run)}
	if of != nil {
		rows.AlternativeOf = optional(of.String())
	}
	for _, p := range proposals {
		match := city.MatchID{Run: run, Leaf: p.Leaf, N: p.N}
		reason := by.away(p)
		if reason != "" {
			recorded.Inactive++
		} else {
			reason = take(left[p.Resource], left[p.Need], p.Quantity)
		}
		if reason != "" {
			recorded.Skipped = append(recorded.Skipped, SkippedProposal{Match: match, Reason: reason})
			continue
		}
		recorded.Matches = append(recorded.Matches, match)
		addRow(&rows, p)
	}
	if len(recorded.Matches) == 0 {
		return recorded, nil
	}
	return recorded, q.InsertMatches(ctx, rows)
}

// take subtracts a quantity from both sides when it fits; otherwise it says why not and changes nothing.
func take(resource, need *gen.LockForProposalsRow, quantity int64) string {
	for _, side := range []struct {
		name string
		left *gen.LockForProposalsRow
	}{{"resource", resource}, {"need", need}} {
		switch {
		case side.left == nil:
			return side.name + " does not exist"
		case side.left.State != string(city.ListingOpen):
			return side.name + " is " + side.left.State
		case side.left.Remaining < quantity:
			return fmt.Sprintf("%s has %d left of %d asked", side.name, side.left.Remaining, quantity)
		}
	}
	resource.Remaining -= quantity
	need.Remaining -= quantity
	return ""
}

func addRow(rows *gen.InsertMatchesParams, p Proposal) {
	rows.Leaf, rows.N = append(rows.Leaf, string(p.Leaf)), append(rows.N, int32(p.N))
	rows.Resource, rows.Need = append(rows.Resource, string(p.Resource)), append(rows.Need, string(p.Need))
	rows.Quantity, rows.Score = append(rows.Quantity, p.Quantity), append(rows.Score, p.ScoreMinor)
	rows.Charge, rows.Expected = append(rows.Charge, p.ChargeMinor), append(rows.Expected, p.ExpectedMinor)
	rows.Distance = append(rows.Distance, int32(p.DistanceM))
}
