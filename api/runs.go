package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// StartRun starts a matching run.
func (s *server) StartRun(ctx context.Context, request wire.StartRunRequestObject) (wire.StartRunResponseObject, error) {
	caller, body := callerOf(ctx), request.Body
	run := activities.RunRef{City: caller.City, Run: city.RunID(body.ID), Ward: body.Ward}
	if run.Run == "" {
		run.Run = city.RunID("run-" + effectOf(ctx))
	}
	for i, leaf := range body.Leaves {
		category, err := s.category(fmt.Sprintf("/leaves/%d", i), city.Leaf(leaf))
		if err != nil {
			return nil, err
		}
		run.Leaves = append(run.Leaves, category.Leaf)
	}
	if err := s.checkWard(ctx, caller.City, body.Ward); err != nil {
		return nil, err
	}
	if err := s.readFairness(ctx, body.Fairness, &run); err != nil {
		return nil, err
	}
	if err := s.sameRun(ctx, run); err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "start", "run", string(run.Run)); err != nil {
		return nil, err
	}
	started, err := s.start(ctx, func(ctx context.Context) (workflows.Started, error) { return s.starter.MatchingRun(ctx, run) })
	if err != nil {
		return nil, err
	}
	return wire.StartRun202JSONResponse{StartedResponseJSONResponse: s.started(string(run.Run), started.WorkflowID,
		locate("matching-runs", string(run.Run)))}, nil
}

// sameRun refuses an id that a run over something else has: its answer would be taken for this one's.
func (s *server) sameRun(ctx context.Context, run activities.RunRef) error {
	there, err := s.store.Run(ctx, run.City, run.Run)
	if errors.Is(err, postgres.ErrNotFound) {
		return nil
	}
	leaves := slices.Compact(slices.Sorted(slices.Values(run.Leaves)))
	if err == nil && (there.Scope.Ward != run.Ward || !slices.Equal(there.Scope.Leaves, leaves)) {
		return conflict.because("run %s exists, over something else", run.Run)
	}
	return err
}

func (s *server) checkWard(ctx context.Context, id city.ID, ward string) error {
	if ward == "" {
		return nil
	}
	return s.checkWards(ctx, id, "/ward", ward)
}

// checkWards refuses wards that the city does not have.
func (s *server) checkWards(ctx context.Context, id city.ID, field string, wards ...string) error {
	known, err := s.store.Wards(ctx, id)
	if err != nil {
		return err
	}
	for _, ward := range wards {
		if wrong := city.UnknownWard(ward, postgres.WardIDs(known)); wrong != "" {
			return refused.field(field, "%s", wrong)
		}
	}
	return nil
}

// ListRuns lists a city's runs, newest first.
func (s *server) ListRuns(ctx context.Context, request wire.ListRunsRequestObject) (wire.ListRunsResponseObject, error) {
	caller := callerOf(ctx)
	currency, err := s.currency(ctx, caller.City)
	if err != nil {
		return nil, err
	}
	found, next, err := s.store.ListRuns(ctx, caller.City, page(request.Params.After, request.Params.Limit))
	if err != nil {
		return nil, badCursor(request.Params.After, err)
	}
	items := make([]wire.Run, len(found))
	for i, run := range found {
		items[i] = s.run(run, currency)
	}
	return wire.ListRuns200JSONResponse{Items: items, Next: next}, nil
}

// GetRun answers with one run, and with its progress while its workflow works.
func (s *server) GetRun(ctx context.Context, request wire.GetRunRequestObject) (wire.GetRunResponseObject, error) {
	caller, id := callerOf(ctx), city.RunID(request.Run)
	currency, err := s.currency(ctx, caller.City)
	if err != nil {
		return nil, err
	}
	found, err := s.store.Run(ctx, caller.City, id)
	if errors.Is(err, postgres.ErrNotFound) {
		found, err = s.justStarted(ctx, caller.City, id)
	}
	if err != nil {
		return nil, err
	}
	answer := s.run(found, currency)
	if found.State == postgres.RunRunning {
		var progress workflows.RunProgress
		if s.query(ctx, answer.WorkflowID, &progress) {
			answer.Progress = &wire.Progress{Stage: progress.Step, Done: int64(progress.Solved), Total: int64(progress.Shards)}
		}
	}
	return wire.GetRun200JSONResponse{
		Body: answer, Headers: wire.GetRun200ResponseHeaders{ETag: version(found.StartedAt, found.State)},
	}, nil
}

// justStarted is a run whose workflow is there and has not recorded it yet.
func (s *server) justStarted(ctx context.Context, id city.ID, run city.RunID) (postgres.Run, error) {
	since, alive, err := s.unrecorded(ctx, workflows.RunID(id, run))
	if err != nil {
		return postgres.Run{}, err
	}
	state := postgres.RunRunning
	if !alive {
		state = postgres.RunFailed
	}
	return postgres.Run{City: id, ID: run, State: state, StartedAt: since}, nil
}

// CancelRun asks a run to stop. What is proposed and not approved is taken back.
func (s *server) CancelRun(ctx context.Context, request wire.CancelRunRequestObject) (wire.CancelRunResponseObject, error) {
	caller, id := callerOf(ctx), city.RunID(request.Run)
	found, err := s.store.Run(ctx, caller.City, id)
	if errors.Is(err, postgres.ErrNotFound) {
		found, err = s.justStarted(ctx, caller.City, id)
	}
	if err != nil {
		return nil, err
	}
	if found.State != postgres.RunRunning {
		return nil, over("run "+request.Run, string(found.State))
	}
	if err := s.audit(ctx, "cancel", "run", request.Run); err != nil {
		return nil, err
	}
	err = s.askTemporal(ctx, func(ctx context.Context) error { return s.starter.CancelRun(ctx, caller.City, id) })
	if err != nil {
		return nil, err
	}
	return wire.CancelRun202JSONResponse{StartedResponseJSONResponse: s.started(request.Run,
		workflows.RunID(caller.City, id), locate("matching-runs", request.Run))}, nil
}

// over is the problem of asking for something that has ended.
func over(subject, state string) error {
	p := stateConflict.because("%s is %s", subject, state)
	p.state = state
	return p
}

func (s *server) run(r postgres.Run, currency city.Currency) wire.Run {
	workflowID := workflows.RunID(r.City, r.ID)
	answer := wire.Run{
		ID: string(r.ID), City: string(r.City), State: wire.RunState(r.State), Error: r.Error, Ward: r.Scope.Ward,
		Counts: wire.RunCounts{
			Resources: count(r.Resources), Needs: count(r.Needs), Candidates: count(r.Candidates),
			Proposals: count(r.Recorded), Skipped: count(r.Skipped), Inactive: count(r.Inactive),
		},
		Bound: optionalMoney(r.BoundMinor, currency), Achieved: optionalMoney(r.AchievedMinor, currency),
		Gap: optionalMoney(r.GapMinor, currency), Optimal: valueOr(r.Optimal, false),
		SnapshotSha256: digest(r.Snapshot), CertificateSha256: digest(r.Certificate), StartedAt: r.StartedAt,
		FinishedAt: timeOf(r.FinishedAt), WorkflowID: workflowID, WebUI: s.link(workflowID),
	}
	if len(r.Snapshot) > 0 {
		answer.Recurrence = recurrenceOf(r.Recurrence, currency)
	}
	answer.Affinity, answer.Fairness = affinityOf(r.Affinity), fairnessOf(r.Fairness, currency)
	for _, seconds := range r.Seconds {
		answer.Seconds += seconds
	}
	return answer
}

func recurrenceOf(r postgres.Recurrence, currency city.Currency) *wire.Recurrence {
	answer := &wire.Recurrence{
		Warm: r.Warm, From: string(r.From), Problem: r.Problem, Fixed: r.Fixed, Forbidden: r.Forbidden, Open: r.Open,
		Kept: r.Kept, Changed: r.Changed, Dropped: r.Dropped, Added: r.Added, Superseded: r.Superseded, Stability: r.Stability,
		DroppedWithoutStability: r.FreeDropped, Price: optionalMoney(r.PriceMinor, currency),
		PriceAtMost: optionalMoney(r.PriceAtMost, currency),
	}
	if r.PriceMinor != nil {
		answer.Bonus = optionalMoney(&r.BonusMinor, currency)
	}
	return answer
}

// affinityOf is what a run says of its affinities; nil where they have no weight.
func affinityOf(recorded json.RawMessage) *wire.RunAffinity {
	var state candidates.AffinityState
	if json.Unmarshal(recorded, &state) != nil || state.State == "" {
		return nil
	}
	return &wire.RunAffinity{State: wire.RunAffinityState(state.State), Pairs: int64(state.Pairs), AsOf: state.AsOf, Reason: state.Reason}
}

func count(n *int64) int64 { return valueOr(n, 0) }

// digest is the SHA-256 of a reference to object storage; empty when there is none.
func digest(reference json.RawMessage) string {
	var ref activities.Ref
	if len(reference) == 0 || json.Unmarshal(reference, &ref) != nil {
		return ""
	}
	return ref.SHA256
}

// queryTime bounds a look into a running workflow: what the store knows is answered anyway.
const queryTime = time.Second

// query asks a workflow for its progress; false when nobody answers in time, as when no worker runs.
func (s *server) query(ctx context.Context, workflowID string, into any) bool {
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	value, err := s.temporal.QueryWorkflow(ctx, workflowID, "", workflows.QueryProgress)
	return err == nil && value.Get(into) == nil
}
