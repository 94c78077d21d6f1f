package activities_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
)

// starter records which workflows would be started and stopped; it stands for the server, which the end-to-end tests ask.
type starter struct {
	mutex     sync.Mutex
	started   map[city.MatchID]activities.Proposal
	onboarded map[city.ParticipantID]string
	open      bool // whether a cancelled match has an open workflow
	cancelled int
	failAt    int // the start that fails; 0 = none
}

func newStarter() *starter {
	return &starter{started: map[city.MatchID]activities.Proposal{}, onboarded: map[city.ParticipantID]string{}}
}

func (s *starter) Match(_ context.Context, p activities.Proposal) (activities.Execution, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.failAt > 0 && len(s.started) >= s.failAt {
		return activities.Execution{}, fmt.Errorf("server is away")
	}
	s.started[p.Match] = p
	return activities.Execution{WorkflowID: p.Match.String()}, nil
}

func (s *starter) CancelMatch(context.Context, activities.MatchRef) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.open {
		return activities.ErrOver
	}
	s.cancelled++
	return nil
}

func (s *starter) ReviewApplicant(_ context.Context, in activities.ApplicantRef) (activities.Execution, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.onboarded[in.Participant] = in.Flag
	return activities.Execution{}, nil
}

// families are the activities of a run over a world.
type families struct {
	folder      string // of the objects
	objects     *blobs.Bucket
	starter     *starter
	runs        *activities.Runs
	engine      *activities.Engine
	starts      *activities.Starts
	alternative *activities.Alternative
	values      *activities.Values
}

func (w *world) families() *families {
	w.t.Helper()
	folder := w.t.TempDir()
	objects, err := blobs.Open(w.t.Context(), "file://"+folder)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { _ = objects.Close() })
	now := func() time.Time { return w.now }
	freezer := &activities.Freezer{Store: w.store, Parameters: valuation.Default(), Now: now}
	f := &families{folder: folder, objects: objects, starter: newStarter()}
	f.runs = &activities.Runs{Store: w.store, Objects: objects, Freezer: freezer}
	f.engine = &activities.Engine{Store: w.store, Objects: objects}
	f.starts = &activities.Starts{Store: w.store, Starter: f.starter}
	f.alternative = &activities.Alternative{Store: w.store, Freezer: freezer, Starter: f.starter}
	f.values = activities.NewValues(w.store, objects, valuation.Default(), now)
	return f
}

// stock lists stores and pantries along a street.
func (w *world) stock(stores, pantries int) {
	w.t.Helper()
	for n := range stores {
		w.listing(city.ResourceSide, fmt.Sprintf("store-%d", n), 100+int64(n), float64(300*n))
	}
	for n := range pantries {
		w.listing(city.NeedSide, fmt.Sprintf("pantry-%d", n), 80+int64(7*n), float64(250*n+40))
	}
}

// solve runs the steps of a run up to its proof.
func (f *families) solve(t *testing.T, ref activities.RunRef) activities.Proven {
	t.Helper()
	snapshot, err := f.runs.FreezeSnapshot(t.Context(), ref)
	require.NoError(t, err)
	if len(ref.Fairness.Floors)+len(snapshot.Inherited) > 0 {
		snapshot, err = f.engine.PriceFloors(t.Context(), snapshot)
		require.NoError(t, err)
	}
	plan, err := f.engine.PlanShards(t.Context(), snapshot)
	require.NoError(t, err)
	for shard := range plan.Shards {
		_, err := f.engine.SolveShard(t.Context(), activities.SolveShardInput{Plan: plan, Shard: shard})
		require.NoError(t, err)
	}
	proven, err := f.engine.VerifyRun(t.Context(), activities.VerifyRunInput{Plan: plan})
	require.NoError(t, err)
	return proven
}
