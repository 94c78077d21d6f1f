package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/recurring"
	"github.com/city-resource-graph/crg/postgres"
)

// remembered is the basis that an earlier run left, in the terms of this snapshot. One that is damaged, gone or foreign is
// refused: the run begins cold, loses nothing but time, and says so.
func (e *Engine) remembered(ctx context.Context, in Snapshot, s *candidates.Snapshot) (*matching.Basis, string, error) {
	if in.From == "" {
		return nil, "", nil
	}
	basis, err := e.recall(ctx, in.Basis, s)
	switch {
	case err == nil:
		return basis, "", nil
	case errors.Is(err, blobs.ErrDamaged), errors.Is(err, blobs.ErrNotFound), errors.Is(err, recurring.ErrDamaged),
		errors.Is(err, recurring.ErrForeign):
		return nil, fmt.Sprintf("the basis of run %s was refused: %v", in.From, err), nil
	}
	return nil, "", err
}

func (e *Engine) recall(ctx context.Context, ref Ref, s *candidates.Snapshot) (*matching.Basis, error) {
	content, err := e.Objects.Get(ctx, ref)
	if err != nil {
		return nil, err
	}
	var memory recurring.Memory
	if err := memory.UnmarshalBinary(content); err != nil {
		return nil, err
	}
	return memory.Basis(s)
}

// aftermath is what a run leaves beside its allocation and proof.
type aftermath struct {
	basis    Ref
	replaced Ref // zero where nothing is replaced
}

// remember stores the basis for the next run, and which open proposals this one replaces.
func (e *Engine) remember(
	ctx context.Context, in RunRef, found instance, s *matching.Solution, replaced []city.MatchID,
) (after aftermath, err error) {
	content, err := recurring.Remember(found.snapshot, s.Basis).MarshalBinary()
	if err != nil {
		return after, err
	}
	hash := sha256.Sum256(content)
	after.basis, err = e.Objects.Put(ctx, runFolder(in)+"/basis-"+hex.EncodeToString(hash[:6])+".bin", content)
	if err == nil && len(replaced) > 0 {
		after.replaced, err = putJSON(ctx, e.Objects, runFolder(in)+"/replaced", replaced)
	}
	return after, err
}

// recurrence says how the run's solution follows the open proposals that it found.
func (i *instance) recurrence(ctx context.Context, plan Plan, s *matching.Solution) (Recurrence, error) {
	r := Recurrence{From: plan.From, Warm: plan.Warm, Problem: plan.Problem, Pivots: s.Counters.Pivots}
	open := openPairs(i.snapshot)
	churn := recurring.Compare(open, recurring.Pairs(i.snapshot, i.graph, s))
	r.Kept, r.Changed, r.Dropped, r.Added = int64(churn.Kept), int64(churn.Changed), int64(churn.Dropped), int64(churn.Added)
	for _, pin := range i.snapshot.Pins {
		switch pin.Kind {
		case candidates.PinFixed:
			r.Fixed++
		case candidates.PinForbidden:
			r.Forbidden++
		case candidates.PinProposed:
			r.Open++
		}
	}
	if len(open) == 0 || i.snapshot.Scoring.Stability == 0 || i.snapshot.Tiers { // what order and favour cost cannot be told apart
		return r, nil
	}
	price, err := recurring.PriceOf(ctx, i.snapshot, open, i.graph, s)
	dropped := int64(price.Free.Dropped)
	r.Stability, r.BonusMinor = i.snapshot.Scoring.Stability, price.Bonus
	r.FreeDropped, r.PriceMinor, r.PriceAtMost = &dropped, &price.Cost, &price.AtMost
	return r, err
}

// openPairs are the open proposals of a snapshot.
func openPairs(s *candidates.Snapshot) []recurring.Pair {
	var pairs []recurring.Pair
	for _, pin := range s.Pins {
		if pin.Kind == candidates.PinProposed {
			pairs = append(pairs, recurring.Pair{Resource: pin.Resource, Need: pin.Need, Quantity: pin.Quantity})
		}
	}
	return pairs
}

// openProposals are the matches that a run may keep or replace, by pair.
type openProposals struct {
	order []pairKey
	of    map[pairKey]promise
}

type pairKey struct{ resource, need city.ListingID }

// promise is what the open matches of one pair promise together.
type promise struct {
	quantity int64
	matches  []city.MatchID
}

func newOpenProposals(s *candidates.Snapshot) *openProposals {
	open := &openProposals{of: map[pairKey]promise{}}
	for _, pin := range s.Pins {
		if pin.Kind != candidates.PinProposed {
			continue
		}
		key := pairKey{pin.Resource, pin.Need}
		have, known := open.of[key]
		if !known {
			open.order = append(open.order, key)
		}
		open.of[key] = promise{have.quantity + pin.Quantity, append(have.matches, pin.Match)}
	}
	return open
}

// keep takes out the open matches that promise just what is proposed.
func (o *openProposals) keep(p postgres.Proposal) []city.MatchID {
	key := pairKey{p.Resource, p.Need}
	have, known := o.of[key]
	if !known || have.quantity != p.Quantity {
		return nil
	}
	delete(o.of, key)
	return have.matches
}

// rest lists the matches that were not kept, in the order of the pins.
func (o *openProposals) rest() []city.MatchID {
	var matches []city.MatchID
	for _, key := range o.order {
		matches = append(matches, o.of[key].matches...)
	}
	return matches
}

// special gives the score parts of a pair that has a stability bonus; nil for all others.
func (i *instance) special(need, resource int32) *candidates.Parts {
	if !i.index.Proposed(need, resource) {
		return nil
	}
	_, parts, _ := i.index.Pair(need, resource)
	return parts
}
