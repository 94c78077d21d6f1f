package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/fairness"
	"github.com/city-resource-graph/crg/postgres"
)

// EngineStore keeps what a run has found out.
type EngineStore interface {
	UpdateRun(ctx context.Context, id city.ID, run city.RunID, u postgres.RunUpdate) error
}

// Engine does a run's computing: candidates, shards, solving, proof. Its steps run on the queue matching, read and write
// objects, and give the same result wherever and however often they run.
type Engine struct {
	Store   EngineStore
	Objects Objects
}

// manifest lists the shards of a run.
type manifest struct {
	Shards     []Ref `json:"shards"`
	Candidates int64 `json:"candidates"`
	Components int64 `json:"components"`
}

// Shards are whole components, packed. More than mostShards would make the run's history long; fewer than fewShards
// would leave worker processes without work.
const (
	mostShards    = 64
	fewShards     = 8
	edgesPerShard = 20_000
)

// PlanShards finds the candidates of a snapshot and packs their components into shards.
func (e *Engine) PlanShards(ctx context.Context, in Snapshot) (Plan, error) {
	defer beating(ctx)()
	plan, err := e.plan(ctx, in)
	return plan, classify(err)
}

func (e *Engine) plan(ctx context.Context, in Snapshot) (Plan, error) {
	begin := time.Now()
	found, err := e.instance(ctx, in.Blob)
	if err != nil {
		return Plan{}, err
	}
	warm, problem, err := e.remembered(ctx, in, found.snapshot)
	if err != nil {
		return Plan{}, err
	}
	graph, shards := found.graph, found.shards(warm)
	list := manifest{Candidates: int64(graph.Candidates()), Components: int64(len(matching.Components(&graph.Problem)))}
	for i := range shards {
		content, err := shards[i].MarshalBinary()
		if err != nil {
			return Plan{}, err
		}
		// The hash in the name: a repeated attempt may find the basis gone that the first one began with.
		hash := sha256.Sum256(content)
		key := fmt.Sprintf("%s/shard-%d-of-%d-%s.bin", runFolder(in.RunRef), i+1, len(shards), hex.EncodeToString(hash[:6]))
		ref, err := e.Objects.Put(ctx, key, content)
		if err != nil {
			return Plan{}, err
		}
		list.Shards = append(list.Shards, ref)
	}
	ref, err := putJSON(ctx, e.Objects, runFolder(in.RunRef)+"/shards", list)
	if err != nil {
		return Plan{}, err
	}
	version, count := matching.Version, int64(len(shards))
	err = e.Store.UpdateRun(ctx, in.City, in.Run, postgres.RunUpdate{
		EngineVersion: &version, Candidates: &list.Candidates, Components: &list.Components, Shards: &count,
		Seconds:    map[string]float64{"candidates": time.Since(begin).Seconds()},
		Recurrence: &Recurrence{Warm: warm != nil, Problem: problem},
	})
	return Plan{
		RunRef: in.RunRef, Snapshot: in.Blob, Blob: ref, Candidates: list.Candidates, Components: list.Components, Shards: len(shards),
		From: in.From, Warm: warm != nil, Problem: problem, Priced: in.Priced,
	}, err
}

// shards packs the components of the graph.
func (i *instance) shards(warm *matching.Basis) []candidates.Shard {
	return i.graph.ShardsFrom(max(fewShards, min(mostShards, i.graph.Candidates()/edgesPerShard)), warm)
}

func runFolder(in RunRef) string { return fmt.Sprintf("%s/runs/%s", in.City, in.Run) }

// instance is a snapshot and its compatibility graph.
type instance struct {
	snapshot *candidates.Snapshot
	index    *candidates.Index
	graph    *candidates.Graph

	tiers []fairness.Tier // of a solved run in strict order of urgency,
	free  int64           // and its value without that order

	tried fairness.Tried // what settling its solution has tried
}

// instance makes the graph of a stored snapshot, the same one each time.
func (e *Engine) instance(ctx context.Context, ref Ref) (instance, error) {
	snapshot, err := e.snapshot(ctx, ref)
	if err != nil {
		return instance{}, err
	}
	return newInstance(ctx, snapshot)
}

func (e *Engine) snapshot(ctx context.Context, ref Ref) (*candidates.Snapshot, error) {
	text, err := getText(ctx, e.Objects, ref)
	if err != nil {
		return nil, err
	}
	snapshot, err := candidates.DecodeSnapshot(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errInvalid, err)
	}
	return snapshot, nil
}

func newInstance(ctx context.Context, snapshot *candidates.Snapshot) (instance, error) {
	index, err := candidates.NewIndex(snapshot)
	if err != nil {
		return instance{}, fmt.Errorf("%w: %w", errInvalid, err)
	}
	graph, err := index.Generate(ctx, candidates.Options{})
	return instance{snapshot: snapshot, index: index, graph: graph}, err
}

// SolveShard solves one shard. A shard that was solved before, by an attempt whose answer was lost, is not solved again.
func (e *Engine) SolveShard(ctx context.Context, in SolveShardInput) (SolvedShard, error) {
	defer beating(ctx)()
	solved, err := e.solve(ctx, in)
	return solved, classify(err)
}

func (e *Engine) solve(ctx context.Context, in SolveShardInput) (SolvedShard, error) {
	var list manifest
	if err := getJSON(ctx, e.Objects, in.Plan.Blob, &list); err != nil {
		return SolvedShard{}, err
	}
	if in.Shard < 0 || in.Shard >= len(list.Shards) {
		return SolvedShard{}, fmt.Errorf("%w: shard %d of %d", errInvalid, in.Shard, len(list.Shards))
	}
	key := solutionKey(list.Shards[in.Shard])
	var allocation candidates.Allocation
	ref, done, err := e.Objects.Find(ctx, key)
	if err != nil {
		return SolvedShard{}, err
	}
	if done {
		err = getJSON(ctx, e.Objects, ref, &allocation)
	} else {
		ref, allocation, err = e.solveNow(ctx, list.Shards[in.Shard], key)
	}
	return SolvedShard{Blob: ref, Achieved: allocation.Value, Bound: allocation.Bound}, err
}

// solutionKey is where the solution of a shard lies.
func solutionKey(shard Ref) string { return shard.Key + "." + shard.SHA256[:12] + ".solved.json.gz" }

func (e *Engine) solveNow(ctx context.Context, ref Ref, key string) (Ref, candidates.Allocation, error) {
	content, err := e.Objects.Get(ctx, ref)
	if err != nil {
		return Ref{}, candidates.Allocation{}, err
	}
	var shard candidates.Shard
	if err := shard.UnmarshalBinary(content); err != nil {
		return Ref{}, candidates.Allocation{}, err
	}
	// One goroutine: the queue's slots are the machine's cores.
	allocation, err := shard.Allocate(ctx, matching.Options{Workers: 1})
	if err != nil {
		return Ref{}, candidates.Allocation{}, fmt.Errorf("%w: %w", errInvalid, err)
	}
	if ctx.Err() != nil {
		return Ref{}, candidates.Allocation{}, ctx.Err() // what a cancelled search found is not the solution
	}
	text, err := json.Marshal(allocation)
	if err != nil {
		return Ref{}, candidates.Allocation{}, err
	}
	packed, err := compress(text)
	if err != nil {
		return Ref{}, candidates.Allocation{}, err
	}
	stored, err := e.Objects.Put(ctx, key, packed)
	return stored, allocation, err
}

// allocations reads the solutions of all shards.
func (e *Engine) allocations(ctx context.Context, plan Plan) ([]candidates.Allocation, error) {
	var list manifest
	if err := getJSON(ctx, e.Objects, plan.Blob, &list); err != nil {
		return nil, err
	}
	all := make([]candidates.Allocation, len(list.Shards))
	for i, shard := range list.Shards {
		ref, done, err := e.Objects.Find(ctx, solutionKey(shard))
		if err != nil {
			return nil, err
		}
		if !done {
			return nil, fmt.Errorf("solution of shard %d of %d: %w", i+1, len(list.Shards), postgres.ErrNotFound)
		}
		if err := getJSON(ctx, e.Objects, ref, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}
