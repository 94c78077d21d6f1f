//go:build drill

package drills

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdklog "go.temporal.io/sdk/log"

	"github.com/city-resource-graph/crg/loopback/loopbacktest"
	"github.com/city-resource-graph/crg/postgres"
)

// played is the main job, as `crg demo` plays it, under way on a stack.
type played struct {
	*process
	s      *stack
	store  *postgres.Store
	report string
}

// demoTime bounds a whole demo with all that a drill does to it; undisturbed it takes 15 s.
const demoTime = 5 * time.Minute

// demo starts the main job with a small generated city. The city's clock runs at the pace of the wall's: a crash must not
// cost the city days, or the matches would differ because food perished. No schedule fires: when it does hangs on how fast
// its neighbours are, and a drill compares two demos match by match.
func (s *stack) demo(more ...string) *played {
	report := filepath.Join(s.folder, "report")
	s.t.Cleanup(func() {
		logs, _ := filepath.Glob(filepath.Join(report, "logs", "*.log"))
		for _, log := range logs {
			s.showIfFailed(log)
		}
	})
	return &played{
		process: s.start("demo", nil, append([]string{
			"demo", "--participants", "400", "--seed", "7", "--time-scale", "1", "--schedule", "0s", "--report", report,
		}, more...)...),
		s: s, store: s.store(), report: report,
	}
}

// moment is a point in the main job at which a drill strikes; the query is true while the job is there.
type moment struct{ name, query string }

// The moments, in their order.
func moments() []moment {
	return []moment{
		{"reading", `SELECT EXISTS (SELECT FROM import WHERE state = 'running')`},
		{"matching", `SELECT EXISTS (SELECT FROM run WHERE state = 'running')`},
		{"starting the matches", `SELECT EXISTS (SELECT FROM run WHERE state = 'running' AND recorded > 0)`},
		{"settling", `SELECT count(*) FILTER (WHERE state = 'confirmed') >= 3 AND
			count(*) FILTER (WHERE state IN ('proposed', 'approved', 'handed_over')) >= 10 FROM match`},
	}
}

// until waits for a moment.
func (d *played) until(m moment) {
	d.t.Helper()
	require.Eventually(d.t, func() bool {
		if !d.running() {
			return true
		}
		var there bool
		err := d.store.Pool().QueryRow(d.t.Context(), m.query).Scan(&there)
		return err == nil && there
	}, demoTime, 5*time.Millisecond, "the demo never came to %s", m.name)
	require.True(d.t, d.running(), "the demo ended before %s", m.name)
}

var apiLine = regexp.MustCompile(`(?m)^ +API +(\S+)/docs`)

// base is the address of the demo's API.
func (d *played) base() string {
	d.t.Helper()
	found := apiLine.FindStringSubmatch(d.output())
	require.NotNil(d.t, found, "the demo has not said where its API is")
	return found[1]
}

// finish waits for the demo's end and gives what it came to.
func (d *played) finish() ledger {
	d.t.Helper()
	d.succeed(demoTime)
	return d.result()
}

// result is what a demo that wrote its report came to.
func (d *played) result() ledger {
	d.t.Helper()
	cities := query[outcome](d.t, d.store, `SELECT city, count(*) FROM run GROUP BY 1`)
	require.Len(d.t, cities, 1)
	d.s.requireNothingTwice(d.store, cities[0].Word)
	d.requireNoInternalError()
	d.requireReport()
	d.carryOn()
	return readLedger(d.t, d.store, cities[0].Word)
}

// carryOn has a worker take the place of those that ended with the demo. After a kill projection rests for some seconds, and the
// demo waits for nobody: whoever works next projects what is left.
func (d *played) carryOn() {
	d.t.Helper()
	d.s.start("worker-after", []string{"CRG_METRICS_ADDRESS=" + loopbacktest.Address(d.t)}, "worker", "--queue", "city")
}

// requireNoInternalError looks through the log of the API: whatever was away, a caller was told what to do.
func (d *played) requireNoInternalError() {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.report, "logs", "api.log"))
	require.NoError(d.t, err)
	for line := range strings.Lines(string(text)) {
		require.NotContains(d.t, line, `"status":500`)
	}
}

// requireReport reads the report as others do: every row and every proposal is accounted for.
func (d *played) requireReport() {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.report, "report.json"))
	require.NoError(d.t, err)
	var r struct {
		Import  struct{ Read, Accepted, Unchanged, Rejected int64 }
		Matches struct{ Proposed, Confirmed, Rejected, Expired, Cancelled, Failed, Open int64 }
	}
	require.NoError(d.t, json.Unmarshal(text, &r))
	require.Positive(d.t, r.Import.Read)
	require.Equal(d.t, r.Import.Read, r.Import.Accepted+r.Import.Unchanged+r.Import.Rejected)
	m := r.Matches
	require.Positive(d.t, m.Confirmed)
	require.Equal(d.t, m.Proposed, m.Confirmed+m.Rejected+m.Expired+m.Cancelled+m.Failed+m.Open)
}

// decode reads the JSON of an answer.
func decode(t *testing.T, response *http.Response, into any) {
	t.Helper()
	require.NoError(t, json.NewDecoder(response.Body).Decode(into))
}

func silent() sdklog.Logger { return sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)) }

var (
	undisturbedOnce sync.Once
	undisturbed     ledger
)

// calm is what the demo comes to when nothing dies; it is played once for all drills.
func calm(t *testing.T) ledger {
	t.Helper()
	undisturbedOnce.Do(func() {
		t.Run("undisturbed", func(t *testing.T) { // its servers are gone before those of the drill are started
			s := newStack(t)
			began := time.Now()
			undisturbed = s.demo().finish()
			s.requireConsistent()
			t.Logf("%.0f s; %+v", time.Since(began).Seconds(), undisturbed.Run)
		})
	})
	require.NotEmpty(t, undisturbed.Proposals, "the undisturbed demo failed")
	return undisturbed
}
