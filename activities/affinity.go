package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
)

// AffinityStore keeps the affinities that the graph found last.
type AffinityStore interface {
	ReplaceAffinities(ctx context.Context, id city.ID, position int64, givers, receivers []city.ParticipantID, found []postgres.Affinity) error
	Affinities(ctx context.Context, id city.ID) ([]postgres.Affinity, *time.Time, error)
}

// Affinities says which participants get on, for the score. A run asks the graph once, and what it took is frozen in its
// snapshot. When the graph is away it takes what an earlier run found, and says so.
type Affinities struct {
	Store AffinityStore
	Graph *graph.Graph // nil: this installation has none
}

var (
	errUnset    = errors.New("this worker has no graph: NEO4J_URI is not set")
	errBuilding = errors.New("the graph is being built")
)

// add puts affinities into a snapshot whose scoring gives them weight. A look at a part of a run (not fresh) takes what
// is kept.
func (a *Affinities) add(ctx context.Context, s *candidates.Snapshot, fresh bool) error {
	if a == nil || s.Scoring.MaxAffinity == 0 {
		return nil
	}
	givers, receivers := holders(s.Resources), holders(s.Needs)
	var problem error
	if fresh {
		problem = a.refresh(ctx, s.City, givers, receivers)
	}
	kept, asOf, err := a.Store.Affinities(ctx, s.City)
	if err != nil {
		return err
	}
	for _, k := range kept {
		_, gives := slices.BinarySearch(givers, k.Giver)
		_, receives := slices.BinarySearch(receivers, k.Receiver)
		if gives && receives {
			minor := int64(k.Permille) * s.Scoring.MaxAffinity / 1000
			s.Affinities = append(s.Affinities, candidates.Affinity{Giver: k.Giver, Receiver: k.Receiver, Minor: minor})
		}
	}
	s.AffinityState = affinityState(len(s.Affinities), asOf, problem)
	return nil
}

func affinityState(pairs int, asOf *time.Time, problem error) *candidates.AffinityState {
	state := &candidates.AffinityState{State: candidates.AffinitiesCurrent, Pairs: pairs, AsOf: asOf}
	switch {
	case asOf == nil:
		state.State = candidates.AffinitiesNone
	case problem != nil:
		state.State = candidates.AffinitiesLastKnown
	}
	switch {
	case errors.Is(problem, graph.ErrAway):
		state.Reason = "the graph did not answer"
	case problem != nil:
		state.Reason = problem.Error()
	}
	return state
}

// refresh asks the graph and keeps its answer. Whatever is wrong with the graph is no reason to stop a run.
func (a *Affinities) refresh(ctx context.Context, c city.ID, givers, receivers []city.ParticipantID) error {
	if a.Graph == nil {
		return errUnset
	}
	position, there, err := a.Graph.Position(ctx)
	if err != nil {
		return err
	}
	if !there {
		return errBuilding
	}
	found, err := a.Graph.Affinities(ctx, c, givers, receivers, nil)
	if err != nil {
		return err
	}
	rows := make([]postgres.Affinity, len(found))
	for i, f := range found {
		rows[i] = postgres.Affinity{Giver: f.Giver, Receiver: f.Receiver, Permille: int32(f.Trust)}
	}
	return a.Store.ReplaceAffinities(ctx, c, position, givers, receivers, rows)
}

// holders of listings, in order, each once.
func holders(listings []candidates.Listing) []city.ParticipantID {
	ids := make([]city.ParticipantID, len(listings))
	for i, l := range listings {
		ids[i] = l.Holder
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
