package ops_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/generate"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
	"github.com/city-resource-graph/crg/telemetry"
	"github.com/city-resource-graph/crg/workflows"
)

// settle gives the installation a city with a completed run whose matches wait for people, and a graph that was compared. It
// returns what every page's commands are told.
func (i *installation) settle() []string {
	i.t.Helper()
	i.awaitReady(i.metrics.worker)
	i.run("import", "generated", "--data", i.path("data"), "--city", town, "--id", "i1")
	i.operator, i.matcher, i.approver = i.key("olga", "operator", "auditor"), i.key("max", "matcher"), i.key("ada", "approver")
	i.startRun("r1")
	i.eventually("run r1 is completed and every match waits for people", func() bool {
		run, err := i.store.Run(i.t.Context(), town, "r1")
		if err != nil || run.State != postgres.RunCompleted {
			return false
		}
		matches, _, err := i.store.RunMatches(i.t.Context(), town, "r1", postgres.Page{Limit: 500})
		for _, m := range matches {
			if m.Requirement == nil {
				return false
			}
		}
		return err == nil && len(matches) > 0
	})
	i.run("graph", "reconcile")
	i.run("graph", "reconcile")
	return []string{
		"API=http://" + i.api, "PROMETHEUS=http://" + i.prometheus, "CITY=" + town, "WORKER=" + i.metrics.worker,
		"OPERATOR=" + i.operator, "MATCHER=" + i.matcher, "APPROVER=" + i.approver,
	}
}

func (i *installation) awaitReady(metrics string) {
	i.t.Helper()
	i.eventually("a worker gets work", func() bool {
		answer, err := get(i.t, "http://"+metrics+"/ready")
		return err == nil && strings.TrimSpace(string(answer)) == "ready"
	})
}

func (i *installation) eventually(what string, there func() bool) {
	i.t.Helper()
	require.Eventually(i.t, there, patience, 50*time.Millisecond, what)
}

// post asks the API for something, which it must accept.
func (i *installation) post(key, path string, body any) {
	i.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(i.t, err)
	request, err := http.NewRequestWithContext(i.t.Context(), http.MethodPost, "http://"+i.api+"/api/v1"+path, bytes.NewReader(text))
	require.NoError(i.t, err)
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", uuid.NewString())
	response, err := http.DefaultClient.Do(request)
	require.NoError(i.t, err)
	defer func() { _ = response.Body.Close() }()
	require.Less(i.t, response.StatusCode, 300, path)
}

func (i *installation) startRun(id string) {
	i.t.Helper()
	i.post(i.matcher, "/matching-runs", map[string]string{"id": id})
}

func (i *installation) stopTheWorker(*testing.T) []string {
	i.worker.stop()
	return nil
}

// leaveARolloutHalfWay makes a version current whose workers are gone again, and has somebody start a run.
func (i *installation) leaveARolloutHalfWay(*testing.T) []string {
	i.t.Helper()
	next := i.start("next", []string{"CRG_BUILD_ID=half-way", "CRG_METRICS_ADDRESS=" + i.metrics.second},
		i.crg, "worker", "--queue", "city", "--queue", "matching")
	i.awaitReady(i.metrics.second)
	next.stop()
	i.startRun("r2")
	return nil
}

// terminateAMatch ends a match's story as nobody should, days before its deadline passes.
func (i *installation) terminateAMatch(t *testing.T) []string {
	m := i.waiting(t)
	require.NoError(t, i.temporal.TerminateWorkflow(t.Context(), workflows.MatchID(activities.MatchRef{City: town, Match: m}), "", "a careless operator"))
	pgtest.Forge(t, i.store, "UPDATE match SET created_at = created_at - interval '60 days' WHERE city = $1 AND id = $2", town, m.String())
	return nil
}

// waiting is a match that waits for people.
func (i *installation) waiting(t *testing.T) city.MatchID {
	t.Helper()
	matches, _, err := i.store.ListMatches(t.Context(), town, postgres.MatchFilter{State: city.MatchProposed}, postgres.Page{Limit: 500})
	require.NoError(t, err)
	for _, m := range matches {
		if m.Requirement != nil && m.Requirement.CityApprovers > 0 && m.ID != i.decided {
			return m.ID
		}
	}
	require.Fail(t, "no match waits for an approver")
	return city.MatchID{}
}

// holdTheOutbox leaves a transaction open that somebody began by hand, while an event waits.
func (i *installation) holdTheOutbox(t *testing.T) []string {
	i.transaction(t, "SELECT position FROM outbox_head FOR UPDATE")
	_, err := i.store.Pool().Exec(t.Context(), `INSERT INTO outbox (city, topic, payload, created_at)
		VALUES ($1, 'participant', '{"id":"nobody"}', now() - interval '10 minutes')`, town)
	require.NoError(t, err)
	return nil
}

// loseANode deletes a participant from the graph.
func (i *installation) loseANode(t *testing.T) []string {
	driver, err := neo4j.NewDriverWithContext(os.Getenv("NEO4J_URI"), neo4j.BasicAuth(os.Getenv("NEO4J_USERNAME"), os.Getenv("NEO4J_PASSWORD"), ""))
	require.NoError(t, err)
	defer func() { require.NoError(t, driver.Close(t.Context())) }()
	result, err := neo4j.ExecuteQuery(t.Context(), driver,
		"MATCH (p:Participant) WHERE p.key STARTS WITH $scope AND p.id IS NOT NULL WITH p LIMIT 1 DETACH DELETE p",
		map[string]any{"scope": i.graphPrefix + "/" + town + "/"}, neo4j.EagerResultTransformer)
	require.NoError(t, err)
	require.Equal(t, 1, result.Summary.Counters().NodesDeleted())
	return nil
}

// importARenamedColumn imports what a source sent after it renamed a column in a third of its rows.
func (i *installation) importARenamedColumn(t *testing.T) []string {
	corrected, renamed := i.path("corrected"), i.path("renamed")
	for _, folder := range []string{corrected, renamed} {
		_, err := generate.Write(t.Context(), folder, generate.Options{Participants: 60, Seed: 2})
		require.NoError(t, err)
	}
	file := filepath.Join(renamed, "listings.jsonl")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	lines := strings.Split(string(text), "\n")
	for n := 0; n < len(lines); n += 3 {
		lines[n] = strings.Replace(lines[n], `"quantity":`, `"amount":`, 1)
	}
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600))
	i.run("import", "generated", "--data", renamed, "--city", town, "--id", "i-renamed")
	return []string{"IMPORT=i-renamed", "CORRECTED=" + corrected}
}

// damageACertificate flips a bit in the stored proof of the last run.
func (i *installation) damageACertificate(t *testing.T) []string {
	runs, _, err := i.store.ListRuns(t.Context(), town, postgres.Page{Limit: 1})
	require.NoError(t, err)
	var ref blobs.Ref
	require.NoError(t, json.Unmarshal(runs[0].Certificate, &ref))
	file := filepath.Join(i.path("blobs"), filepath.FromSlash(ref.Key))
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	content[len(content)/2] ^= 1
	require.NoError(t, os.WriteFile(file, content, 0o600))
	return nil
}

// refuseAValue has the database refuse what a run is worth, for as long as that run takes.
func (i *installation) refuseAValue(t *testing.T) []string {
	by := func(statement string) {
		_, err := i.store.Pool().Exec(t.Context(), "ALTER TABLE valuation "+statement)
		require.NoError(t, err)
	}
	by("ADD CONSTRAINT refused CHECK (scope_id <> 'no-value') NOT VALID")
	i.startRun("no-value")
	i.eventually("the run is completed", func() bool {
		return i.all([]city.RunID{"no-value"}, func(r postgres.Run) bool { return r.State == postgres.RunCompleted })
	})
	by("DROP CONSTRAINT refused")
	return nil
}

// startTooManyRuns has one core compute for three runs. What keeps a step at work in a large city is here a row that somebody
// has locked, until the page's commands are done.
func (i *installation) startTooManyRuns(t *testing.T) []string {
	i.worker.stop()
	freezing := i.start("freezing", []string{"CRG_METRICS_ADDRESS=" + i.metrics.second}, i.crg, "worker", "--queue", "city")
	runs := []city.RunID{"many-1", "many-2", "many-3"}
	for _, id := range runs {
		i.startRun(string(id))
	}
	i.eventually("all snapshots are frozen", func() bool { return i.all(runs, func(r postgres.Run) bool { return r.Snapshot != nil }) })
	freezing.stop()
	hand := i.transaction(t, "SELECT id FROM run WHERE id LIKE 'many-%' FOR UPDATE")
	i.startWorker("GOMAXPROCS=1")
	i.relieve = func() {
		_, err := hand.Exec(t.Context(), "ROLLBACK")
		require.NoError(t, err)
		i.eventually("all runs are completed", func() bool {
			return i.all(runs, func(r postgres.Run) bool { return r.State == postgres.RunCompleted })
		})
	}
	return []string{"GOMAXPROCS=2"} // the page's worker is on a machine with cores to spare, whatever this one has
}

func (i *installation) all(runs []city.RunID, is func(postgres.Run) bool) bool {
	for _, id := range runs {
		if run, err := i.store.Run(i.t.Context(), town, id); err != nil || !is(run) {
			return false
		}
	}
	return true
}

// transaction leaves one open in which a statement was typed by hand.
func (i *installation) transaction(t *testing.T, statement string) *pgxpool.Conn {
	t.Helper()
	hand, err := i.store.Pool().Acquire(t.Context())
	require.NoError(t, err)
	t.Cleanup(hand.Release)
	_, err = hand.Exec(t.Context(), "BEGIN")
	require.NoError(t, err)
	_, err = hand.Exec(t.Context(), statement)
	require.NoError(t, err)
	return hand
}

// forgetTheGraph starts the worker without the graph, and reconciles by it.
func (i *installation) forgetTheGraph(t *testing.T) []string {
	i.worker.stop()
	i.startWorker("NEO4J_URI=")
	i.awaitReady(i.metrics.worker)
	started, err := workflows.Starter{Client: i.temporal}.ReconcileGraph(t.Context(), activities.ReconcileInput{})
	require.NoError(t, err)
	require.ErrorContains(t, i.temporal.GetWorkflow(t.Context(), started.WorkflowID, started.RunID).Get(t.Context(), nil), "NEO4J_URI is not set")
	return []string{
		"GRAPH=" + os.Getenv("NEO4J_URI"), "WORKER_LOG=" + i.path("worker.log"), fmt.Sprintf("WORKER_PID=%d", i.worker.command.Process.Pid),
	}
}

// watched are the metrics that the API shows of the installation.
func watched(t *testing.T) []string {
	t.Helper()
	registry := prometheus.NewRegistry()
	telemetry.NewInstallation(registry)
	described := make(chan *prometheus.Desc)
	go func() {
		defer close(described)
		registry.Describe(described)
	}()
	var names []string
	for d := range described {
		names = append(names, regexp.MustCompile(`fqName: "(\w+)"`).FindStringSubmatch(d.String())[1])
	}
	require.NotEmpty(t, names)
	return names
}
