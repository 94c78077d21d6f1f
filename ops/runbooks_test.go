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

// wards are the pages that follow each other in one installation each, in an order in which each leaves it sound.
func wards() map[string][]runbook {
	return map[string][]runbook{
		"workers": {
			{"NoPollers", (*installation).stopTheWorker},
			{"ScheduleToStartHigh", (*installation).leaveARolloutHalfWay},
			{"NonDeterminism", (*installation).rollOutAnAlteredStory},
		},
		"data": {
			{"StuckMatches", (*installation).terminateAMatch},
			{"OutboxLag", (*installation).holdTheOutbox},
			{"GraphDrift", (*installation).loseANode},
			{"ImportRejects", (*installation).importARenamedColumn},
			{"RunUnproven", (*installation).damageACertificate},
			{"RunUnvalued", (*installation).refuseAValue},
			{"SlotsExhausted", (*installation).startTooManyRuns},
			{"ReconciliationFailed", (*installation).forgetTheGraph},
		},
	}
}

func TestEveryRunbookIsTyped(t *testing.T) {
	t.Parallel()
	typed := map[string]bool{}
	for _, books := range wards() {
		for _, book := range books {
			typed[book.alert] = true
		}
	}
	for _, r := range rules(t) {
		require.True(t, typed[r.Alert], r.Alert)
	}
}

func TestRunbooks(t *testing.T) {
	t.Parallel()
	for name, books := range wards() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newInstallation(t)
			told := i.settle()
			i.requireQuiet(t)
			for _, book := range books {
				i.treat(t, book, told)
			}
			i.requireWatched(t)
			i.run("check")
		})
	}
}

// treat plants a fault, sees the alert fire, does what its page says, and sees it go out.
func (i *installation) treat(t *testing.T, book runbook, told []string) {
	t.Helper()
	page := pageOf(book.alert)
	t.Log(page)
	environment := append(book.plant(i, t), told...)
	i.awaitFiring(t, book.alert, true)
	tidy := i.follow(t, "../docs/runbooks/"+page+".md", environment...)
	i.awaitFiring(t, book.alert, false)
	i.requireMetrics(t, book.alert)
	i.relieve()
	i.relieve = func() {}
	i.handOver(tidy)
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
func (i *installation) requireMetrics(t *testing.T, alert string) {
	t.Helper()
	shown := i.shown(t)
	for _, r := range rules(t) {
		if r.Alert != alert {
			continue
		}
		names := metricsIn(r.Expr)
		require.NotEmpty(t, names, r.Alert)
		for _, name := range names {
			require.Contains(t, shown, name, "%s rests on it, and no process shows it", r.Alert)
		}
	}
}

// requireWatched holds that what the API is said to watch is shown, and explained.
func (i *installation) requireWatched(t *testing.T) {
	t.Helper()
	shown := i.shown(t)
	page, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	for _, name := range watched(t) {
		require.Contains(t, shown, name)
		require.Contains(t, string(page), "`"+name+"`")
	}
}
