//go:build drill

package drills

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

// TestAPIKilled kills the API at four moments of the main job, while strangers apply at a second city without a pause. The
// demo's supervisor starts it again; every client repeats what did not get through with the same Idempotency-Key. Each
// key has one effect, and every later repeat gets the first answer.
func TestAPIKilled(t *testing.T) {
	want := calm(t)
	s := newStack(t)
	d := s.demo("--stay") // a killed request keeps its key for 20 s; the demo may be over by then, and its API must not be
	d.awaitAPI()
	key := s.addCity("riverside", filepath.Join(d.report, "data"), "lister")
	strangers := apply(t, newClient(t, d.base(), key))
	for _, m := range moments() {
		d.until(m)
		began := time.Now()
		kill(t, children(t, d.pid())["api"])
		d.awaitAPI()
		t.Logf("API killed while %s, back after %.1f s", m.name, time.Since(began).Seconds())
	}
	strangers.stop()
	strangers.requireOneEffectEach(s, "riverside")
	s.eventually(demoTime, "the demo has written its report", func() bool {
		return !d.running() || strings.Contains(d.output(), "API and workers stay up")
	})
	d.stop()
	require.NoError(t, d.err, "it stops in order")
	requireSame(t, want, d.result())
	s.requireNothingTwice(d.store, "riverside")
	s.requireConsistent()
}

// awaitAPI waits until the demo's API answers.
func (d *played) awaitAPI() {
	d.t.Helper()
	d.s.eventually(time.Minute, "the demo's API answers", func() bool {
		if apiLine.FindStringSubmatch(d.output()) == nil {
			return false
		}
		status, _ := ready(d.t, d.base())
		return status == http.StatusOK
	})
}

// applications are the participants that apply one after the other, in a few lines side by side, until stop.
type applications struct {
	t      *testing.T
	client *crgclient.ClientWithResponses
	stop   func()

	mu  sync.Mutex
	ids map[string]string // by Idempotency-Key
	err error
}

const sideBySide = 4

func apply(t *testing.T, client *crgclient.ClientWithResponses) *applications {
	t.Helper()
	a := &applications{t: t, client: client, ids: map[string]string{}}
	over := make(chan struct{})
	var group sync.WaitGroup
	for line := range sideBySide {
		group.Go(func() {
			pause := time.NewTicker(100 * time.Millisecond)
			defer pause.Stop()
			for n := 0; ; n++ {
				a.apply(fmt.Sprintf("applicant-%d-%d", line, n))
				select {
				case <-over:
					return
				case <-pause.C:
				}
			}
		})
	}
	a.stop = sync.OnceFunc(func() {
		close(over)
		group.Wait()
	})
	t.Cleanup(a.stop)
	return a
}

// apply sends one application until it is accepted.
func (a *applications) apply(key string) {
	id, _, err := a.send(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ids[key] = id; err != nil && a.err == nil {
		a.err = fmt.Errorf("%s: %w", key, err)
	}
}

// send gives the participant that a key led to, and whether the answer was a repeated one.
func (a *applications) send(key string) (id string, replayed bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.t.Context()), time.Minute)
	defer cancel()
	answer, err := a.client.ApplyParticipantWithResponse(ctx, &crgclient.ApplyParticipantParams{IdempotencyKey: key},
		crgclient.NewParticipant{Kind: crgclient.KindOrganisation, Name: "House " + key})
	if err != nil {
		return "", false, err
	}
	if err := crgclient.Check(answer.StatusCode(), answer.ApplicationProblemJSONDefault); err != nil {
		return "", false, err
	}
	return answer.JSON202.ID, answer.HTTPResponse.Header.Get("Idempotency-Replayed") == "true", nil
}

// requireOneEffectEach compares what was answered with what is there: one participant and one workflow for each key.
func (a *applications) requireOneEffectEach(s *stack, city string) {
	a.t.Helper()
	require.NoError(a.t, a.err)
	require.Greater(a.t, len(a.ids), 4*sideBySide)
	for key, first := range a.ids {
		again, replayed, err := a.send(key)
		require.NoError(a.t, err)
		require.Equal(a.t, first, again, "the repeat of %s has another effect", key)
		require.True(a.t, replayed)
	}
	type applicant struct{ ID string }
	there := map[string]bool{}
	for _, one := range query[applicant](a.t, s.store(), `SELECT id FROM participant WHERE city = $1`, city) {
		there[one.ID] = true
	}
	require.Len(a.t, there, len(a.ids))
	for key, id := range a.ids {
		require.True(a.t, there[id], "%s was accepted and is not there", key)
	}
	temporal := s.temporal()
	s.eventually(20*time.Second, "one workflow for each applicant", func() bool {
		counted, err := temporal.CountWorkflow(a.t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: s.servers["TEMPORAL_NAMESPACE"], Query: "CrgCity = '" + city + "' AND WorkflowType = 'OnboardParticipant'",
		})
		return err == nil && counted.GetCount() == int64(len(a.ids))
	})
	a.t.Logf("%d applications, one effect each", len(a.ids))
}
