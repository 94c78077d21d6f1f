package ops_test

import "testing"

// docs/operators-bad-night.md, command by command.
func TestABadNight(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	told := i.settle()
	i.requireQuiet(t)
	i.loseANode(t)
	i.terminateAMatch(t)
	i.damageACertificate(t)
	i.stopTheWorker(t)
	for _, alert := range []string{"NoPollers", "StuckMatches", "RunUnproven", "GraphDrift"} {
		i.awaitFiring(t, alert, true)
	}
	i.follow(t, "../docs/operators-bad-night.md", append(told, "DAMAGED=r1")...)()
}
