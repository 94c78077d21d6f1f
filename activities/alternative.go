package activities

import (
	"cmp"
	"context"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
)

// AlternativeStore is what an alternative is found in and recorded to.
type AlternativeStore interface {
	CityStore
	Run(ctx context.Context, id city.ID, run city.RunID) (postgres.Run, error)
	Match(ctx context.Context, id city.ID, match city.MatchID) (postgres.Match, error)
	Listings(ctx context.Context, id city.ID, ids []city.ListingID) ([]postgres.Listing, error)
	Alternative(ctx context.Context, id city.ID, of city.MatchID) (city.MatchID, bool, error)
	RecordAlternative(ctx context.Context, id city.ID, of city.MatchID, p postgres.Proposal) (city.MatchID, bool, error)
}

// Alternative finds another partner after a match ended without a hand-over.
type Alternative struct {
	Store   AlternativeStore
	Freezer *Freezer
	Starter MatchStarter
}

// OfferAlternative solves the neighbourhood of a failed match again, on what is open now and without the pairs that said
// no, and proposes the best pair that one of the two sides is part of. Each failure forbids one more pair, so that the
// chain of alternatives ends. A repeated attempt finds the first one's alternative.
func (a *Alternative) OfferAlternative(ctx context.Context, ref MatchRef) (Offer, error) {
	defer beating(ctx)()
	offer, err := a.offer(ctx, ref)
	return offer, classify(err)
}

func (a *Alternative) offer(ctx context.Context, ref MatchRef) (Offer, error) {
	// An earlier attempt may have recorded it and not come to start it; its hold would hide it from a second search.
	first, found, err := a.Store.Alternative(ctx, ref.City, ref.Match)
	if err != nil {
		return Offer{}, err
	}
	if found {
		return Offer{Match: &first}, a.start(ctx, MatchRef{City: ref.City, Match: first})
	}
	m, err := a.Store.Match(ctx, ref.City, ref.Match)
	if err != nil {
		return Offer{}, err
	}
	if m.SupersededBy != "" {
		return Offer{}, nil // the run that replaced it has allocated both sides anew
	}
	proposals, err := a.solve(ctx, m)
	if err != nil {
		return Offer{}, err
	}
	for _, proposal := range proposals {
		id, held, err := a.Store.RecordAlternative(ctx, ref.City, ref.Match, proposal)
		if err != nil {
			return Offer{}, err
		}
		if !held {
			continue // somebody was faster; the next best
		}
		return Offer{Match: &id}, a.start(ctx, MatchRef{City: ref.City, Match: id})
	}
	return Offer{}, nil
}

func (a *Alternative) start(ctx context.Context, ref MatchRef) error {
	row, err := a.Store.City(ctx, ref.City)
	if err != nil {
		return err
	}
	m, err := a.Store.Match(ctx, ref.City, ref.Match)
	if err != nil {
		return err
	}
	_, err = a.Starter.Match(ctx, ProposalOf(m, row.Currency))
	return err
}

// solve finds the pairs of the two sides in the best allocation of their neighbourhood, the one worth most first.
func (a *Alternative) solve(ctx context.Context, m postgres.Match) ([]postgres.Proposal, error) {
	near, err := a.neighbourhood(ctx, m)
	if err != nil || near == nil {
		return nil, err
	}
	run, err := a.Store.Run(ctx, m.City, m.ID.Run)
	if err != nil {
		return nil, err
	}
	snapshot, err := a.Freezer.Freeze(ctx, RunRef{City: m.City, Run: m.ID.Run, Ward: run.Scope.Ward}, near)
	if err != nil || len(snapshot.Resources) == 0 || len(snapshot.Needs) == 0 {
		return nil, err
	}
	if err := a.forbidChain(ctx, snapshot, m); err != nil {
		return nil, err
	}
	favourAs(snapshot, run.Fairness, m)
	found, err := newInstance(ctx, snapshot)
	if err != nil {
		return nil, err
	}
	var solution *matching.Solution
	if snapshot.Tiers {
		solution, err = found.allocate(ctx, nil)
	} else {
		found.graph, solution, _, err = candidates.SolveProven(ctx, found.index, found.graph, matching.Options{Workers: 1})
	}
	if err == nil {
		err = found.settle(ctx, solution, true)
	}
	if err != nil {
		return nil, err
	}
	proposals, _ := found.proposals(solution)
	proposals = slices.DeleteFunc(proposals, func(p postgres.Proposal) bool { return p.Resource != m.Resource && p.Need != m.Need })
	rank := found.ranks()
	slices.SortStableFunc(proposals, func(p, q postgres.Proposal) int {
		return cmp.Or(cmp.Compare(rank(p).urgency, rank(q).urgency), cmp.Compare(rank(q).score, rank(p).score))
	})
	return proposals, nil
}

// favourAs asks of a snapshot what a run was asked for besides value: an alternative takes the place of a match that served
// its floors or its order. A floor counts at the price that the run found, and is to get back what it lacks without the
// match, if that is possible.
func favourAs(s *candidates.Snapshot, f postgres.Fairness, m postgres.Match) {
	s.Tiers = f.Strict
	for k := range f.Floors {
		kept := &f.Floors[k]
		if kept.PriceMinor == nil || *kept.PriceMinor == 0 || kept.Reached == nil {
			continue
		}
		floor := candidates.Floor{Floor: kept.Floor, Leaves: kept.LeavesOf(city.DefaultTaxonomy()), Bonus: *kept.PriceMinor}
		if floor.Covers(m.Ward) && floor.Counts(m.ID.Leaf) {
			floor.Least = max(m.Quantity-(*kept.Reached-kept.Least), 0)
		}
		s.Floors = append(s.Floors, floor)
	}
}

// rank is the place of a proposal among others: by urgency in strict order, then by its worth with the bonuses of floors.
type rank struct {
	urgency city.Urgency
	score   int64
}

func (i *instance) ranks() func(postgres.Proposal) rank {
	needs, resources := map[city.ListingID]int32{}, map[city.ListingID]int32{}
	for k := range i.snapshot.Needs {
		needs[i.snapshot.Needs[k].ID] = int32(k) //nolint:gosec // a snapshot has fewer than 2^31 needs
	}
	for k := range i.snapshot.Resources {
		resources[i.snapshot.Resources[k].ID] = int32(k) //nolint:gosec // and resources
	}
	return func(p postgres.Proposal) rank {
		need := needs[p.Need]
		r := rank{score: p.ExpectedMinor + p.Quantity*i.index.Bonus(need, resources[p.Resource])}
		if i.snapshot.Tiers {
			r.urgency = i.snapshot.Needs[need].Need.Urgency
		}
		return r
	}
}

// neighbourhood selects the listings that can take part in the same component: the leaves that either side can deal
// with, and their partners.
func (a *Alternative) neighbourhood(ctx context.Context, m postgres.Match) (func(postgres.Listing) bool, error) {
	sides, err := a.Store.Listings(ctx, m.City, []city.ListingID{m.Resource, m.Need})
	if err != nil {
		return nil, err
	}
	leaves := map[city.Leaf]bool{m.ID.Leaf: true}
	open := false
	for _, l := range sides {
		open = open || (l.State == city.ListingOpen && l.Remaining() > 0)
		if l.Need != nil {
			leaves[l.Leaf] = true
			for _, leaf := range l.Need.Substitutes {
				leaves[leaf] = true
			}
		}
	}
	if !open {
		return nil, nil //nolint:nilnil // neither side has anything left: nothing to look for
	}
	return func(l postgres.Listing) bool {
		return leaves[l.Leaf] || (l.Need != nil && slices.ContainsFunc(l.Need.Substitutes, func(leaf city.Leaf) bool { return leaves[leaf] }))
	}, nil
}

// forbidChain forbids the pair of a match and of all that it was an alternative to: pairs that expired may come back in
// another run, but not in the same chain, which therefore ends.
func (a *Alternative) forbidChain(ctx context.Context, s *candidates.Snapshot, m postgres.Match) error {
	forbid(s, m)
	for m.AlternativeOf != nil {
		before, err := a.Store.Match(ctx, m.City, *m.AlternativeOf)
		if err != nil {
			return err
		}
		forbid(s, before)
		m = before
	}
	return nil
}

// forbid adds the pair of a match to what is out of the question, where it is not yet.
func forbid(s *candidates.Snapshot, m postgres.Match) {
	pin := candidates.Pin{Resource: m.Resource, Need: m.Need, Kind: candidates.PinForbidden}
	hasResource := slices.ContainsFunc(s.Resources, func(l candidates.Listing) bool { return l.ID == m.Resource })
	hasNeed := slices.ContainsFunc(s.Needs, func(l candidates.Listing) bool { return l.ID == m.Need })
	if hasResource && hasNeed && !slices.Contains(s.Pins, pin) {
		s.Pins = append(s.Pins, pin)
		s.Canonicalise()
	}
}
