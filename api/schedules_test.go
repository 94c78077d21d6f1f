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

// scheduled puts schedules on the server; nobody serves their queue, so that what they start waits.
func (b *bed) scheduled(ids ...string) {
	b.t.Helper()
	b.registerAttributes()
	s := workflows.Scheduler{Client: b.temporal, QueuePrefix: string(b.city)}
	file := &schedules.File{City: b.city}
	for _, id := range ids {
		file.Schedules = append(file.Schedules, schedules.Schedule{
			ID: id, Work: "matching", Times: schedules.Times{Every: 24 * time.Hour}, Overlap: schedules.OverlapBufferAll,
			CatchUp: time.Hour, Note: "before the vans leave",
		})
	}
	_, err := s.Apply(b.t.Context(), file)
	require.NoError(b.t, err)
	b.t.Cleanup(func() {
		_, err := s.Apply(context.WithoutCancel(b.t.Context()), &schedules.File{City: b.city})
		require.NoError(b.t, err)
	})
}

func TestSchedulesAreReadPausedAndTriggered(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.scheduled("nightly")
	const path = "/api/v1/schedules/nightly"
	require.Eventually(t, func() bool {
		return len(want[wire.ScheduleList](b.get(b.auditor(), "/api/v1/schedules"), http.StatusOK).Items) == 1
	}, patience, 100*time.Millisecond)
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
	}, patience, 100*time.Millisecond)
	yesterday := time.Now().Add(-36 * time.Hour)
	want[wire.Schedule](b.post(b.operator(), path+"/backfill", wire.NewBackfill{From: yesterday, To: time.Now().Add(-time.Minute)}), http.StatusOK)

	audit, _, err := b.store.ListAudit(t.Context(), b.city, postgres.AuditFilter{Kind: "schedule", Subject: "nightly"}, postgres.Page{})
	require.NoError(t, err)
	require.Len(t, audit, 4)
}

// While a city takes nothing new in, its schedules start nothing; what somebody else paused stays paused afterwards.
func TestMaintenanceHoldsSchedules(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.scheduled("nightly", "weekly")
	list := func() map[string]wire.Schedule {
		t.Helper()
		all := map[string]wire.Schedule{}
		for _, s := range want[wire.ScheduleList](b.get(b.operator(), "/api/v1/schedules"), http.StatusOK).Items {
			all[s.ID] = s
		}
		return all
	}
	require.Eventually(t, func() bool { return len(list()) == 2 }, patience, 100*time.Millisecond)
	want[wire.Schedule](b.post(b.operator(), "/api/v1/schedules/weekly/pause", wire.NewScheduleNote{Note: "flu"}), http.StatusOK)
	for range 2 { // twice is once
		want[wire.Maintenance](b.post(b.operator(), "/api/v1/maintenance", wire.NewMaintenance{Active: true, Reason: "an upgrade"}), http.StatusOK)
		now := list()
		require.True(t, now["nightly"].Paused)
		require.Equal(t, "maintenance: an upgrade", now["nightly"].StateNote)
		require.Contains(t, now["weekly"].StateNote, "flu")
	}
	b.post(b.operator(), "/api/v1/schedules/nightly/trigger", map[string]any{}).problem(http.StatusServiceUnavailable, "maintenance")
	b.post(b.operator(), "/api/v1/schedules/nightly/backfill", wire.NewBackfill{From: time.Now().Add(-time.Hour), To: time.Now()}).
		problem(http.StatusServiceUnavailable, "maintenance")

	want[wire.Maintenance](b.post(b.operator(), "/api/v1/maintenance", wire.NewMaintenance{}), http.StatusOK)
	now := list()
	require.False(t, now["nightly"].Paused)
	require.True(t, now["weekly"].Paused)
	want[wire.Schedule](b.post(b.operator(), "/api/v1/schedules/nightly/trigger", map[string]any{}), http.StatusOK)
}

func TestSchedulesRefuse(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.scheduled("nightly")
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
