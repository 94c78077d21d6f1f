package ops_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// runbook is a page with the fault that it is for.
type runbook struct {
	alert string
	// plant makes the installation ill and gives what the page's commands are told.
	plant func(i *installation, t *testing.T) (environment []string)
}

// In an order in which each leaves a sound installation to the next.
func runbooks() []runbook {
	return []runbook{
		{"NoPollers", (*installation).stopTheWorker},
		{"ScheduleToStartHigh", (*installation).leaveARolloutHalfWay},
		{"NonDeterminism", (*installation).rollOutAnAlteredStory},
		{"StuckMatches", (*installation).terminateAMatch},
		{"OutboxLag", (*installation).holdTheOutbox},
		{"GraphDrift", (*installation).loseANode},
		{"ImportRejects", (*installation).importARenamedColumn},
		{"RunUnproven", (*installation).damageACertificate},
		{"SlotsExhausted", (*installation).startTooManyRuns},
		{"ReconciliationFailed", (*installation).forgetTheGraph},
	}
}

func TestRunbooks(t *testing.T) { //nolint:tparallel // the pages follow each other in one installation
	t.Parallel()
	i := newInstallation(t)
	keys := i.settle()
	i.relieve = func() {}
	i.requireQuiet(t)
	for _, book := range runbooks() {
		t.Run(pageOf(book.alert), func(t *testing.T) {
			environment := append(book.plant(i, t), keys...)
			i.awaitFiring(t, book.alert, true)
			tidy := i.follow(t, "../docs/runbooks/"+pageOf(book.alert)+".md", environment...)
			i.awaitFiring(t, book.alert, false)
			i.relieve()
			i.handOver(tidy)
		})
		if t.Failed() { // what comes next would find an ill installation
			return
		}
	}
	t.Run("every metric of a rule is shown by a real process", i.requireMetrics)
	i.run("check")
}

// requireQuiet holds that nothing fires in an installation without a fault.
func (i *installation) requireQuiet(t *testing.T) {
	t.Helper()
	for _, r := range rules(t) {
		i.awaitFiring(t, r.Alert, false)
	}
}

// handOver has the usual worker take the place of what a page's commands left running.
func (i *installation) handOver(tidy func()) {
	i.worker.stop()
	tidy()
	i.startWorker()
	i.awaitReady(i.metrics.worker)
}

// requireMetrics holds that a rule rests on nothing that does not exist: its metrics are among those that Prometheus got from
// the processes.
func (i *installation) requireMetrics(t *testing.T) {
	shown := i.shown(t)
	for _, r := range rules(t) {
		names := metricsIn(r.Expr)
		require.NotEmpty(t, names, r.Alert)
		for _, name := range names {
			require.Contains(t, shown, name, "%s rests on it, and no process shows it", r.Alert)
		}
	}
	// The page of metrics names all that the API watches.
	page, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	for _, name := range watched(t) {
		require.Contains(t, shown, name)
		require.Contains(t, string(page), "`"+name+"`")
	}
}
