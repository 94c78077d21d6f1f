package activities

import (
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// RunRef names a matching run and its scope. It is the input of the workflow MatchingRun.
type RunRef struct {
	City   city.ID     `json:"city"`
	Run    city.RunID  `json:"run"`
	Ward   string      `json:"ward,omitempty"`   // both sides inside it; empty = the whole city
	Leaves []city.Leaf `json:"leaves,omitempty"` // only resources of these; empty = all

	Fairness city.Fairness `json:"fairness,omitzero"` // what it has to see to besides value
}

// Snapshot refers to everything that a run matches, frozen.
type Snapshot struct {
	RunRef
	Blob      Ref   `json:"blob"`
	Resources int64 `json:"resources"`
	Needs     int64 `json:"needs"`

	From  city.RunID `json:"from,omitempty"` // the run before this one that left a basis
	Basis Ref        `json:"basis,omitzero"` // that basis

	Inherited []postgres.FloorKept `json:"inherited,omitempty"` // floors of earlier runs whose proposals are open

	Priced *PricedFloors `json:"priced,omitempty"` // of a run with floors, once their prices are in the snapshot
}

// PricedFloors says what the floors of a run come to before it is solved.
type PricedFloors struct {
	Floors []postgres.FloorKept `json:"floors"`
	Value  int64                `json:"value"` // minor units: of the run without floors, by a search like its own
	Bound  int64                `json:"bound"`
}

// Plan refers to a run's candidates, packed into shards that can be solved apart.
type Plan struct {
	RunRef
	Snapshot   Ref   `json:"snapshot"`
	Blob       Ref   `json:"blob"` // the manifest: shards and cut-off bounds
	Candidates int64 `json:"candidates"`
	Components int64 `json:"components"`
	Shards     int   `json:"shards"`

	From    city.RunID `json:"from,omitempty"`
	Warm    bool       `json:"warm,omitempty"`    // the search begins at the basis of that run
	Problem string     `json:"problem,omitempty"` // why it does not

	Priced *PricedFloors `json:"priced,omitempty"`
}

// SolveShardInput names one shard of a plan.
type SolveShardInput struct {
	Plan  Plan `json:"plan"`
	Shard int  `json:"shard"`
}

// SolvedShard refers to the solution of a shard.
type SolvedShard struct {
	Blob     Ref   `json:"blob"`
	Achieved int64 `json:"achieved"` // minor units
	Bound    int64 `json:"bound"`
}

// VerifyRunInput is a plan whose shards are solved, and how long that took.
type VerifyRunInput struct {
	Plan
	SolveSeconds float64 `json:"solve_seconds"`
}

// Proof is what the certificate says of a run, in minor units, the bonuses of floors left out.
type Proof struct {
	Bound       int64 `json:"bound"`    // no allocation that keeps the floors can score more
	Achieved    int64 `json:"achieved"` // by the allocation
	Gap         int64 `json:"gap"`
	Optimal     bool  `json:"optimal"`
	Certificate Ref   `json:"certificate"`
}

// Proven refers to the verified allocation of a run.
type Proven struct {
	RunRef
	Allocation Ref   `json:"allocation"`
	Proposals  int64 `json:"proposals"`
	Proof      Proof `json:"proof"`

	Replaced   Ref        `json:"replaced,omitzero"` // the open proposals of earlier runs that it has a better use for
	Recurrence Recurrence `json:"recurrence,omitzero"`
	Kept       *Fairness  `json:"kept,omitempty"` // how it did what it was asked for besides value
}

// Fairness says what a run was asked to see to besides value, and how it did.
type Fairness = postgres.Fairness

// Recurrence says how a run follows the ones before it.
type Recurrence = postgres.Recurrence

// Recorded counts the proposals that are in the database now, and those that what happened since the snapshot left out.
type Recorded struct {
	Recorded int64 `json:"recorded"`
	Skipped  int64 `json:"skipped"`
	Inactive int64 `json:"inactive,omitempty"` // of those skipped: a holder did not take part any more

	Superseded int64 `json:"superseded,omitempty"` // open proposals that ended for these
}

// Started counts the workflows that a batch activity started.
type Started struct {
	Started int64 `json:"started"`
}

// RunState is where a run stands.
type RunState string

// Run states.
const (
	RunCompleted RunState = "completed"
	RunCancelled RunState = "cancelled"
	RunFailed    RunState = "failed"
)

// RunSummary is the result of a run.
type RunSummary struct {
	Resources  int64           `json:"resources"`
	Needs      int64           `json:"needs"`
	Candidates int64           `json:"candidates"`
	Proof      Proof           `json:"proof"`
	Recorded   int64           `json:"recorded"`
	Skipped    int64           `json:"skipped"`
	Inactive   int64           `json:"inactive,omitempty"` // of those skipped: a holder did not take part any more
	Recurrence Recurrence      `json:"recurrence,omitzero"`
	Fairness   *Fairness       `json:"fairness,omitempty"`
	Value      ValuationResult `json:"value"`              // ex-ante
	Unvalued   string          `json:"unvalued,omitempty"` // why there is none
}

// FinishRunInput says how a run ended.
type FinishRunInput struct {
	RunRef
	State  RunState `json:"state"`
	Reason string   `json:"reason,omitempty"`
}
