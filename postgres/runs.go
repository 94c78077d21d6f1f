package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// RunState is where a matching run stands.
type RunState string

// States of a run.
const (
	RunRunning   RunState = "running"
	RunCompleted RunState = "completed"
	RunCancelled RunState = "cancelled"
	RunFailed    RunState = "failed"
)

// Run is one matching run. What is not known yet is nil. Snapshot, Allocation and Certificate are references to object
// storage as JSON; Seconds says how long each step took.
type Run struct {
	City          city.ID
	ID            city.RunID
	State         RunState
	Scope         Scope
	ScoringID     string
	PolicyID      string
	EngineVersion string
	Snapshot      json.RawMessage
	Allocation    json.RawMessage
	Certificate   json.RawMessage
	Resources     *int64
	Needs         *int64
	Candidates    *int64
	Components    *int64
	Shards        *int64
	Proposals     *int64 // Recorded + Skipped
	Recorded      *int64
	Skipped       *int64
	Inactive      *int64 // of Skipped: a holder did not take part any more
	BoundMinor    *int64
	AchievedMinor *int64
	GapMinor      *int64
	Optimal       *bool
	Basis         json.RawMessage // where the next run may begin
	Recurrence    Recurrence
	Affinity      json.RawMessage // candidates.AffinityState; {} where affinities have no weight
	Fairness      Fairness
	Seconds       map[string]float64
	Error         string
	StartedAt     time.Time
	FinishedAt    *time.Time
}

// RunUpdate writes what became known; nil fields stay. Seconds are added to those that are there.
type RunUpdate struct {
	EngineVersion *string
	Snapshot      json.RawMessage
	Allocation    json.RawMessage
	Certificate   json.RawMessage
	Resources     *int64
	Needs         *int64
	Candidates    *int64
	Components    *int64
	Shards        *int64
	BoundMinor    *int64
	AchievedMinor *int64
	Optimal       *bool
	Basis         json.RawMessage
	Recurrence    *Recurrence // what it says is added to what is there
	Affinity      json.RawMessage
	Fairness      *Fairness // what it says takes the place of what is there, key by key
	Seconds       map[string]float64
}

// CreateRun records a run as running. The same run again is a success and changes nothing.
func (s *Store) CreateRun(ctx context.Context, r Run) error {
	scope, err := json.Marshal(r.Scope)
	if err != nil {
		return fmt.Errorf("scope of run %s: %w", r.ID, err)
	}
	_, err = s.q.CreateRun(ctx, gen.CreateRunParams{
		City: string(r.City), ID: string(r.ID), Scope: scope, ScoringID: r.ScoringID, PolicyID: r.PolicyID,
		EngineVersion: r.EngineVersion,
	})
	return translate(fmt.Sprintf("record run %s", r.ID), err)
}

// Run reads one run.
func (s *Store) Run(ctx context.Context, id city.ID, run city.RunID) (Run, error) {
	row, err := s.q.Run(ctx, gen.RunParams{City: string(id), ID: string(run)})
	if err != nil {
		return Run{}, translate(fmt.Sprintf("read run %s", run), err)
	}
	return runOf(row)
}

// ListRuns reads a page of a city's runs, newest first.
func (s *Store) ListRuns(ctx context.Context, id city.ID, page Page) ([]Run, string, error) {
	p := gen.ListRunsParams{City: string(id), PageLimit: int32(page.limit() + 1)}
	if page.After != "" {
		p.AfterStarted = new(time.Time)
		if err := page.read(p.AfterStarted, &p.AfterID); err != nil {
			return nil, "", err
		}
	}
	rows, err := s.q.ListRuns(ctx, p)
	if err != nil {
		return nil, "", translate("list runs", err)
	}
	runs := make([]Run, len(rows))
	for i, row := range rows {
		if runs[i], err = runOf(row); err != nil {
			return nil, "", err
		}
	}
	runs, next := paged(runs, page, func(r Run) string { return cursor(r.StartedAt, r.ID) })
	return runs, next, nil
}

// UpdateRun writes what became known of a run.
func (s *Store) UpdateRun(ctx context.Context, id city.ID, run city.RunID, u RunUpdate) error {
	seconds, err := json.Marshal(u.Seconds)
	if err != nil {
		return fmt.Errorf("seconds of run %s: %w", run, err)
	}
	if u.Seconds == nil {
		seconds = []byte("{}")
	}
	recurrence, fairness := []byte("{}"), []byte("{}")
	if u.Recurrence != nil {
		if recurrence, err = json.Marshal(u.Recurrence); err != nil {
			return fmt.Errorf("recurrence of run %s: %w", run, err)
		}
	}
	if u.Fairness != nil {
		if fairness, err = json.Marshal(u.Fairness); err != nil {
			return fmt.Errorf("fairness of run %s: %w", run, err)
		}
	}
	rows, err := s.q.UpdateRun(ctx, gen.UpdateRunParams{
		City: string(id), ID: string(run), EngineVersion: u.EngineVersion, Snapshot: u.Snapshot, Allocation: u.Allocation,
		Certificate: u.Certificate, Resources: u.Resources, Needs: u.Needs, Candidates: u.Candidates,
		Components: u.Components, Shards: u.Shards, BoundMinor: u.BoundMinor, AchievedMinor: u.AchievedMinor,
		Optimal: u.Optimal, Basis: u.Basis, Recurrence: recurrence, Affinity: u.Affinity, Fairness: fairness, Seconds: seconds,
	})
	return found(fmt.Sprintf("update run %s", run), rows, err)
}

// FinishRun ends a run as completed, cancelled or failed; one that ended so already is a success.
func (s *Store) FinishRun(ctx context.Context, id city.ID, run city.RunID, to RunState, problem string) error {
	return s.write(ctx, fmt.Sprintf("finish run %s", run), func(_ pgx.Tx, q *gen.Queries) error {
		now, err := q.RunForUpdate(ctx, gen.RunForUpdateParams{City: string(id), ID: string(run)})
		switch {
		case err != nil || now.State == string(to):
			return err
		case now.State != string(RunRunning):
			return &StateError{Subject: "run " + string(run), State: now.State, Wanted: string(to)}
		}
		return q.FinishRun(ctx, gen.FinishRunParams{City: string(id), ID: string(run), State: string(to), Error: problem})
	})
}

func runOf(row gen.Run) (Run, error) {
	r := Run{
		City: city.ID(row.City), ID: city.RunID(row.ID), State: RunState(row.State), ScoringID: row.ScoringID,
		PolicyID: row.PolicyID, EngineVersion: row.EngineVersion, Snapshot: row.Snapshot, Allocation: row.Allocation,
		Certificate: row.Certificate, Resources: row.Resources, Needs: row.Needs, Candidates: row.Candidates,
		Components: row.Components, Shards: row.Shards, Proposals: row.Proposals, Recorded: row.Recorded,
		Skipped: row.Skipped, Inactive: row.Inactive, BoundMinor: row.BoundMinor, AchievedMinor: row.AchievedMinor,
		GapMinor: row.GapMinor, Optimal: row.Optimal, Basis: row.Basis, Affinity: row.Affinity, Error: row.Error, StartedAt: row.StartedAt,
		FinishedAt: row.FinishedAt,
	}
	if err := json.Unmarshal(row.Scope, &r.Scope); err != nil {
		return r, fmt.Errorf("scope of run %s: %w", row.ID, err)
	}
	if err := json.Unmarshal(row.Recurrence, &r.Recurrence); err != nil {
		return r, fmt.Errorf("recurrence of run %s: %w", row.ID, err)
	}
	if err := json.Unmarshal(row.Fairness, &r.Fairness); err != nil {
		return r, fmt.Errorf("fairness of run %s: %w", row.ID, err)
	}
	if err := json.Unmarshal(row.Seconds, &r.Seconds); err != nil {
		return r, fmt.Errorf("seconds of run %s: %w", row.ID, err)
	}
	return r, nil
}
