package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/schedules"
	"github.com/city-resource-graph/crg/workflows"
)

// scheduled puts one schedule on the server; nobody serves its queue, so that what it starts waits.
func (b *bed) scheduled() {
	b.t.Helper()
	b.registerAttributes()
	s := workflows.Scheduler{Client: b.temporal, QueuePrefix: string(b.city)}
	_, err := s.Apply(b.t.Context(), &schedules.File{City: b.city, Schedules: []schedules.Schedule{{
		ID: "nightly", Work: "matching", Times: schedules.Times{Every: 24 * time.Hour}, Overlap: schedules.OverlapBufferAll,
		CatchUp: time.Hour, Note: "before the vans leave",
	}}})
	require.NoError(b.t, err)
	b.t.Cleanup(func() {
		_, err := s.Apply(context.WithoutCancel(b.t.Context()), &schedules.File{City: b.city})
		require.NoError(b.t, err)
	})
}

func TestSchedulesAreReadPausedAndTriggered(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.scheduled()
	const path = "/api/v1/schedules/nightly"
	require.Eventually(t, func() bool {
		return len(want[wire.ScheduleList](b.get(b.auditor(), "/api/v1/schedules"), http.StatusOK).Items) == 1
	}, 30*time.Second, 100*time.Millisecond)
	found := want[wire.Schedule](b.get(b.matcher(), path), http.StatusOK)
	require.Equal(t, "matching", found.Work)
	require.Equal(t, "every 24h0m0s", found.Times)
	require.True(t, found.PauseOnFailure)
	require.Equal(t, "before the vans leave", found.Note)
	require.NotEmpty(t, found.Next)

	paused := want[wire.Schedule](b.post(b.operator(), path+"/pause", wire.NewScheduleNote{Note: "flu"}), http.StatusOK)
	require.True(t, paused.Paused)
	require.Contains(t, paused.StateNote, "flu (")
	resumed := want[wire.Schedule](b.post(b.operator(), path+"/resume", wire.NewScheduleNote{}), http.StatusOK)
	require.False(t, resumed.Paused)
	want[wire.Schedule](b.post(b.operator(), path+"/trigger", map[string]any{}), http.StatusOK)
	require.Eventually(t, func() bool {
		now := want[wire.Schedule](b.get(b.operator(), path), http.StatusOK)
		return now.Actions == 1 && len(now.Running) == 1 && now.Recent[0].WebUI != ""
	}, 30*time.Second, 100*time.Millisecond)
	yesterday := time.Now().Add(-36 * time.Hour)
	want[wire.Schedule](b.post(b.operator(), path+"/backfill", wire.NewBackfill{From: yesterday, To: time.Now().Add(-time.Minute)}), http.StatusOK)

	audit, _, err := b.store.ListAudit(t.Context(), b.city, postgres.AuditFilter{Kind: "schedule", Subject: "nightly"}, postgres.Page{})
	require.NoError(t, err)
	require.Len(t, audit, 4)
}

func TestSchedulesRefuse(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.scheduled()
	const path = "/api/v1/schedules/nightly"
	b.post(b.matcher(), path+"/pause", wire.NewScheduleNote{}).problem(http.StatusForbidden, "forbidden")
	b.get(b.giver(), path).problem(http.StatusForbidden, "forbidden")
	b.get(b.operator(), "/api/v1/schedules/none").problem(http.StatusNotFound, "not-found")
	b.post(b.operator(), "/api/v1/schedules/none/trigger", map[string]any{}).problem(http.StatusNotFound, "not-found")
	now := time.Now()
	for _, span := range []wire.NewBackfill{
		{From: now, To: now.Add(-time.Hour)}, {From: now, To: now.Add(time.Hour)}, {From: now.Add(-100 * 24 * time.Hour), To: now.Add(-time.Hour)},
	} {
		b.post(b.operator(), path+"/backfill", span).problem(http.StatusUnprocessableEntity, "refused")
	}
}
