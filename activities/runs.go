package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
)

// RunStore keeps the row of a run and its proposals.
type RunStore interface {
	City(ctx context.Context, id city.ID) (postgres.City, error)
	CreateRun(ctx context.Context, r postgres.Run) error
	Run(ctx context.Context, id city.ID, run city.RunID) (postgres.Run, error)
	UpdateRun(ctx context.Context, id city.ID, run city.RunID, u postgres.RunUpdate) error
	LastBasis(ctx context.Context, id city.ID, scope postgres.Scope, run city.RunID) (city.RunID, json.RawMessage, error)
	RecordRun(ctx context.Context, id city.ID, run city.RunID, proposals []postgres.Proposal, replaced []city.MatchID) (postgres.Recorded, error)
	Superseded(ctx context.Context, id city.ID, run city.RunID) ([]city.MatchID, error)
	FinishRun(ctx context.Context, id city.ID, run city.RunID, to postgres.RunState, problem string) error
}

// Runs begins and ends a run in the database.
type Runs struct {
	Store   RunStore
	Objects Objects
	Freezer *Freezer
	Seconds Observer // of the computing time of each completed run; nil = nobody asks
}

// Observer takes a measured value, such as a histogram does.
type Observer interface{ Observe(value float64) }

// FreezeSnapshot records the run and stores what it will match: every open listing in its scope, the pairs that are out
// of the question, the scoring and what a unit is worth. A repeated attempt finds the first one's snapshot.
func (r *Runs) FreezeSnapshot(ctx context.Context, in RunRef) (Snapshot, error) {
	defer beating(ctx)()
	snapshot, err := r.freeze(ctx, in)
	return snapshot, classify(err)
}

func (r *Runs) freeze(ctx context.Context, in RunRef) (Snapshot, error) {
	begin := time.Now()
	if err := r.checkFairness(ctx, in); err != nil {
		return Snapshot{}, err
	}
	row, err := r.Store.City(ctx, in.City)
	if err != nil {
		return Snapshot{}, err
	}
	err = r.Store.CreateRun(ctx, postgres.Run{
		City: in.City, ID: in.Run, Scope: in.scope(), ScoringID: row.ScoringID, PolicyID: row.PolicyID,
	})
	if err != nil {
		return Snapshot{}, err
	}
	frozen, err := r.frozen(ctx, in)
	if err != nil || frozen.Blob.Key != "" {
		return frozen, err
	}
	snapshot, err := r.Freezer.FreezeStock(ctx, in)
	if err != nil {
		return Snapshot{}, err
	}
	snapshot.Tiers = in.Fairness.Tiers
	ref, err := putSnapshot(ctx, r.Objects, in, snapshot)
	if err != nil {
		return Snapshot{}, err
	}
	affinity, err := json.Marshal(snapshot.AffinityState)
	if err != nil {
		return Snapshot{}, err
	}
	if snapshot.AffinityState == nil { // affinities have no weight
		affinity = nil
	}
	frozen = Snapshot{RunRef: in, Blob: ref, Resources: int64(len(snapshot.Resources)), Needs: int64(len(snapshot.Needs))}
	recurrence, basis, err := r.follow(ctx, in, snapshot)
	if err != nil {
		return Snapshot{}, err
	}
	frozen.From, frozen.Basis = recurrence.From, basis
	inherited, err := r.inherited(ctx, in, snapshot)
	if err != nil {
		return Snapshot{}, err
	}
	frozen.inherit(inherited)
	return frozen, r.Store.UpdateRun(ctx, in.City, in.Run, postgres.RunUpdate{
		Snapshot: reference(ref), Affinity: affinity, Resources: &frozen.Resources, Needs: &frozen.Needs, Recurrence: &recurrence,
		Fairness: asked(in.Fairness, inherited), Seconds: map[string]float64{"freeze": time.Since(begin).Seconds()},
	})
}

// checkFairness refuses what no run of the city could see to; a ward may have gone since a schedule was applied.
func (r *Runs) checkFairness(ctx context.Context, in RunRef) error {
	if err := in.Fairness.Validate(city.DefaultTaxonomy(), in.Ward, in.Leaves); err != nil {
		return fmt.Errorf("%w: %w", errInvalid, err)
	}
	if len(in.Fairness.Floors) == 0 {
		return nil
	}
	wards, err := r.Freezer.Store.Wards(ctx, in.City)
	if err != nil {
		return err
	}
	for _, floor := range in.Fairness.Floors {
		if wrong := floor.UnknownWard(postgres.WardIDs(wards)); wrong != "" {
			return fmt.Errorf("%w: floor of %s: %s", errInvalid, floor.Title(), wrong)
		}
	}
	return nil
}

// asked is what a run's row says of fairness before anything is found out; nil where nothing was asked for.
func asked(f city.Fairness, inherited []postgres.FloorKept) *Fairness {
	if f.IsZero() && len(inherited) == 0 {
		return nil
	}
	state := &Fairness{Strict: f.Tiers}
	for _, floor := range f.Floors {
		state.Floors = append(state.Floors, postgres.FloorKept{Floor: floor})
	}
	state.Floors = append(state.Floors, inherited...)
	return state
}

// inherit takes over the floors of earlier runs. A run in strict order gives them up.
func (s *Snapshot) inherit(floors []postgres.FloorKept) {
	for _, f := range floors {
		if f.From != "" && !s.Fairness.Tiers {
			s.Inherited = append(s.Inherited, f)
		}
	}
}

// frozen is the snapshot that an earlier attempt stored, if any.
func (r *Runs) frozen(ctx context.Context, in RunRef) (Snapshot, error) {
	run, err := r.Store.Run(ctx, in.City, in.Run)
	if err != nil || run.Snapshot == nil {
		return Snapshot{}, err
	}
	frozen := Snapshot{RunRef: in, Resources: *run.Resources, Needs: *run.Needs}
	frozen.inherit(run.Fairness.Floors)
	if frozen.Blob, err = referred(run.Snapshot); err != nil || run.Recurrence.From == "" {
		return frozen, err
	}
	before, err := r.Store.Run(ctx, in.City, run.Recurrence.From)
	if err != nil {
		return frozen, err
	}
	frozen.From = before.ID
	frozen.Basis, err = referred(before.Basis)
	return frozen, err
}

// follow finds the run that this one follows, and counts what its snapshot says of earlier decisions.
func (r *Runs) follow(ctx context.Context, in RunRef, s *candidates.Snapshot) (recurrence Recurrence, basis Ref, err error) {
	for _, pin := range s.Pins {
		switch pin.Kind {
		case candidates.PinFixed:
			recurrence.Fixed++
		case candidates.PinForbidden:
			recurrence.Forbidden++
		case candidates.PinProposed:
			recurrence.Open++
		}
	}
	from, reference, err := r.Store.LastBasis(ctx, in.City, in.scope(), in.Run)
	if err != nil || from == "" {
		return recurrence, Ref{}, err
	}
	recurrence.From = from
	basis, err = referred(reference)
	return recurrence, basis, err
}

func putSnapshot(ctx context.Context, objects Objects, in RunRef, snapshot *candidates.Snapshot) (Ref, error) {
	text, err := snapshot.Encode()
	if err != nil {
		return Ref{}, err
	}
	return putText(ctx, objects, runFolder(in)+"/snapshot", text)
}

// RecordProposals records the proposals of a run with their holds in one write, and ends the open ones that they replace.
// What another run took meanwhile is skipped and counted, and so is what would go to or come from a holder who does not take
// part any more.
func (r *Runs) RecordProposals(ctx context.Context, in Proven) (Recorded, error) {
	defer beating(ctx)()
	recorded, err := r.record(ctx, in)
	return recorded, classify(err)
}

func (r *Runs) record(ctx context.Context, in Proven) (Recorded, error) {
	var proposals []postgres.Proposal
	if err := getJSON(ctx, r.Objects, in.Allocation, &proposals); err != nil {
		return Recorded{}, err
	}
	proposals = slices.DeleteFunc(proposals, func(p postgres.Proposal) bool { return len(p.Keeps) > 0 })
	var replaced []city.MatchID
	if in.Replaced.Key != "" {
		if err := getJSON(ctx, r.Objects, in.Replaced, &replaced); err != nil {
			return Recorded{}, err
		}
	}
	recorded, err := r.Store.RecordRun(ctx, in.City, in.Run, proposals, replaced)
	if err != nil {
		return Recorded{}, err
	}
	counts := Recorded{
		Recorded: int64(len(recorded.Matches)), Skipped: int64(len(recorded.Skipped)), Inactive: recorded.Inactive,
	}
	if len(replaced) == 0 {
		return counts, nil
	}
	superseded, err := r.Store.Superseded(ctx, in.City, in.Run)
	if err != nil {
		return Recorded{}, err
	}
	counts.Superseded = int64(len(superseded))
	return counts, r.Store.UpdateRun(ctx, in.City, in.Run, postgres.RunUpdate{Recurrence: &Recurrence{Superseded: counts.Superseded}})
}

// FinishRun says in the run's row how it ended. A run that never came to have a row has nothing to finish.
func (r *Runs) FinishRun(ctx context.Context, in FinishRunInput) (RunState, error) {
	err := r.Store.FinishRun(ctx, in.City, in.Run, postgres.RunState(in.State), in.Reason)
	if isNotFound(err) {
		return in.State, nil
	}
	if err == nil && in.State == RunCompleted && r.Seconds != nil {
		err = r.observe(ctx, in.RunRef)
	}
	return in.State, classify(err)
}

// observe tells how long a run computed: from the snapshot to the certificate, without what came after.
func (r *Runs) observe(ctx context.Context, in RunRef) error {
	run, err := r.Store.Run(ctx, in.City, in.Run)
	if err != nil {
		return err
	}
	total := 0.0
	for _, seconds := range run.Seconds {
		total += seconds
	}
	r.Seconds.Observe(total)
	return nil
}
