//go:build fuzz

package fuzz_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/batch/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/apitest"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// The bounds of a run: requests are counted, time is limited.
const (
	leastRequests = 5000
	mostTime      = 10 * time.Minute // of one caller; what its time is up for ends earlier
	mostRounds    = 5                // a slow machine takes more than one, each with draws of its own, to come to that many
)

// TestAPIHoldsItsDescription sends thousands of requests that are made from the description, half of them wrong on
// purpose, as a person of the city and as a participant: no answer of 500 or above, no status or body that is not
// described, nothing wrong accepted, and no invariant broken.
func TestAPIHoldsItsDescription(t *testing.T) {
	w := apitest.New(t, 200)
	w.Await(w.Starter.ReconcileGraph(t.Context(), activities.ReconcileInput{}))
	known, side := knownOf(t, w)
	w.StopAll() // starts are accepted and wait: the machine is for the API
	operator := w.Key("fuzz", "", city.Operator, city.Matcher, city.Approver, city.Auditor)
	participant := w.Key("side", side, city.Lister, city.Requester)
	base := serve(t, w, operator)
	t.Cleanup(func() { terminateAll(t, w) })

	requests := 0
	for round := 1; requests < leastRequests && round <= mostRounds; round++ {
		for _, caller := range []struct {
			key     string
			seconds int
		}{
			{operator, 70},
			{participant, 30},
		} {
			requests += fuzz(t, base, caller.key, known, caller.seconds, round)
		}
	}
	require.GreaterOrEqual(t, requests, leastRequests)
	broken, err := w.Store.Invariants(t.Context())
	require.NoError(t, err)
	require.Empty(t, broken)
	t.Logf("%d requests", requests)
}

// listenFor is how long the caller listens to a stream of events, which has no end, before it leaves.
const listenFor = 100 * time.Millisecond

// serve puts the API in front of callers who leave every stream after a while, and whose maintenance lasts no longer than
// the request that began it: else every intake after it is rightly answered with 503, and nothing behind it is tried.
func serve(t *testing.T, w *apitest.Town, operator string) (base string) {
	t.Helper()
	var intake sync.RWMutex // held alone while the intake may be stopped
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if request.URL.Path == maintenance && request.Method == http.MethodPost {
			intake.Lock()
			defer intake.Unlock()
			w.Handler.ServeHTTP(answer, request)
			resume(t, w, operator)
			return
		}
		intake.RLock()
		defer intake.RUnlock()
		if request.URL.Path == "/api/v1/events" {
			ctx, leave := context.WithTimeout(request.Context(), listenFor)
			defer leave()
			request = request.WithContext(ctx)
		}
		w.Handler.ServeHTTP(answer, request)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const maintenance = "/api/v1/maintenance"

// resume ends a maintenance, if there is one.
func resume(t *testing.T, w *apitest.Town, operator string) {
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, maintenance, strings.NewReader(`{"active": false}`))
	request.Header.Set("Authorization", "Bearer "+operator)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", rand.Text())
	answer := httptest.NewRecorder()
	w.Handler.ServeHTTP(answer, request)
	assert.Equal(t, http.StatusOK, answer.Code, answer.Body.String())
}

// knownOf lists identifiers of the town by the name of the parameter that takes them.
func knownOf(t *testing.T, w *apitest.Town) (known string, side city.ParticipantID) {
	t.Helper()
	ctx, page := t.Context(), postgres.Page{Limit: 20}
	matches, _, err := w.Store.RunMatches(ctx, w.ID, apitest.Run, page)
	require.NoError(t, err)
	valuations, _, err := w.Store.Valuations(ctx, w.ID, postgres.ValuationFilter{}, page)
	require.NoError(t, err)
	names := map[string][]string{"city": {string(w.ID)}, "run": {string(apitest.Run)}, "import": {"i1"}, "scope_id": {string(apitest.Run)}}
	add := func(value string, keys ...string) {
		for _, key := range keys {
			names[key] = append(names[key], value)
		}
	}
	for _, m := range matches {
		add(m.ID.String(), "match", "scope_id")
		add(string(m.Resource), "listing", "resource")
		add(string(m.Need), "listing", "need")
		add(string(m.Giver), "participant", "holder", "from", "to")
		add(string(m.Receiver), "participant", "holder", "from", "to")
		add(string(m.ID.Leaf), "leaf")
		add(m.Ward, "ward")
	}
	for _, v := range valuations {
		add(v.ID, "valuation", "from")
	}
	text, err := json.Marshal(names)
	require.NoError(t, err)
	return string(text), matches[0].Giver
}

var counted = regexp.MustCompile(`(\d+) generated`)

// fuzz runs schemathesis with one caller's key and says how many requests that were.
func fuzz(t *testing.T, base, key, known string, seconds, seed int) int {
	t.Helper()
	program := os.Getenv("CRG_SCHEMATHESIS")
	require.NotEmpty(t, program, "CRG_SCHEMATHESIS is not set: run `make fuzz-api`")
	ctx, cancel := context.WithTimeout(t.Context(), mostTime)
	defer cancel()
	command := exec.CommandContext(ctx, program, "run", "../openapi.yaml", "--url", base, "--header", "Authorization: Bearer "+key,
		"--checks", "all", "--exclude-checks", notAsked, "--phases", "examples,coverage,fuzzing", "--max-time", strconv.Itoa(seconds),
		"--seed", strconv.Itoa(seed), "--request-timeout", "60", "--generation-database", "none", "--suppress-health-check", "all",
		"--warnings", "off", "--no-color")
	command.Env = append(os.Environ(), "SCHEMATHESIS_HOOKS=hooks", "PYTHONPATH=.", "CRG_KNOWN="+known)
	var output bytes.Buffer
	command.Stdout = io.MultiWriter(&output, os.Stderr) // it is long, and whoever waits wants to see it move
	command.Stderr = command.Stdout
	require.NoError(t, command.Run())
	found := counted.FindSubmatch(output.Bytes())
	require.NotNil(t, found, "how many requests it made")
	count, err := strconv.Atoi(string(found[1]))
	require.NoError(t, err)
	return count
}

// notAsked are checks that do not fit this API: a valid body may contradict what is there (409, 422), and whose objects are
// whose is held by the API's own tests.
const notAsked = "positive_data_acceptance,use_after_free,ensure_resource_availability,object_level_authorization"

// terminateAll ends the workflows that were started and that nobody works on.
func terminateAll(t *testing.T, w *apitest.Town) {
	ctx := context.WithoutCancel(t.Context())
	_, err := w.Client.WorkflowService().StartBatchOperation(ctx, &workflowservice.StartBatchOperationRequest{
		Namespace: w.Namespace, JobId: w.Prefix, Reason: "the fuzzing is over",
		VisibilityQuery: fmt.Sprintf("CrgCity = '%s' AND ExecutionStatus = 'Running'", w.ID),
		Operation: &workflowservice.StartBatchOperationRequest_TerminationOperation{
			TerminationOperation: &batch.BatchOperationTermination{Identity: "fuzz"},
		},
	})
	require.NoError(t, err)
	for _, id := range []string{workflows.ReconciliationID(w.Prefix), workflows.ProjectionID(w.Prefix)} { // of no city
		var none *serviceerror.NotFound
		if err := w.Client.TerminateWorkflow(ctx, id, "", "the fuzzing is over"); !errors.As(err, &none) {
			require.NoError(t, err)
		}
	}
}
