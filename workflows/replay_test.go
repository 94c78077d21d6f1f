package workflows_test

import (
	"log/slog"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/workflows"
)

// replay runs a recorded history through a workflow as it is now.
func replay(t *testing.T, name string, body any, file string) error {
	t.Helper()
	replayer := worker.NewWorkflowReplayer()
	replayer.RegisterWorkflowWithOptions(body, workflow.RegisterOptions{Name: name})
	return replayer.ReplayWorkflowHistoryFromJSONFile(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), file)
}

// histories lists the recorded histories of a workflow: testdata/replay/<workflow-type>.<scenario>.json, written by
// TestRecordHistories of package workers.
func histories(t *testing.T, name string) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/replay/*.json")
	require.NoError(t, err)
	var found []string
	for _, file := range files {
		kind, _, _ := strings.Cut(filepath.Base(file), ".")
		if strings.EqualFold(strings.ReplaceAll(kind, "-", ""), name) {
			found = append(found, file)
		}
	}
	require.NotEmpty(t, found, "no recorded history of %s", name)
	return found
}

// What released code recorded, the code as it is now must be able to continue.
func TestReplay(t *testing.T) {
	t.Parallel()
	for _, r := range workflows.Registrations() {
		for _, file := range histories(t, r.Name) {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				require.NoError(t, replay(t, r.Name, r.Workflow, file))
			})
		}
	}
}

// The guard bites: a workflow that waits before it does what it did before cannot continue any recorded history.
func TestReplayRefusesAChangeWithoutAGate(t *testing.T) {
	t.Parallel()
	for _, r := range workflows.Registrations() {
		for _, file := range histories(t, r.Name) {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				err := replay(t, r.Name, changed(r.Workflow), file)
				require.ErrorContains(t, err, "TMPRL1100", "the SDK's rule against non-determinism")
			})
		}
	}
}

// The same change behind a gate replays: old histories do not pass it.
func TestReplayAcceptsAChangeBehindAGate(t *testing.T) {
	t.Parallel()
	for _, r := range workflows.Registrations() {
		for _, file := range histories(t, r.Name) {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				require.NoError(t, replay(t, r.Name, gated(r.Workflow), file))
			})
		}
	}
}

// changed is a workflow with a wait in front of it.
func changed(body any) any {
	return before(body, func(ctx workflow.Context) error { return workflow.Sleep(ctx, time.Hour) })
}

// gated is a workflow with a wait in front of it that only new executions have.
func gated(body any) any {
	return before(body, func(ctx workflow.Context) error {
		if workflow.GetVersion(ctx, "wait-first", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
			return nil
		}
		return workflow.Sleep(ctx, time.Hour)
	})
}

// before makes a workflow of the same signature that does something first.
func before(body any, first func(workflow.Context) error) any {
	original := reflect.ValueOf(body)
	return reflect.MakeFunc(original.Type(), func(in []reflect.Value) []reflect.Value {
		ctx, ok := in[0].Interface().(workflow.Context)
		if !ok {
			panic("the first argument of a workflow is its context")
		}
		if err := first(ctx); err != nil {
			return []reflect.Value{reflect.Zero(original.Type().Out(0)), reflect.ValueOf(&err).Elem()}
		}
		return original.Call(in)
	}).Interface()
}
