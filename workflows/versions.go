package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
)

// Registration is a workflow and how its open executions meet a new version of the program.
type Registration struct {
	Name     string
	Workflow any
	Behavior workflow.VersioningBehavior
}

// Registrations lists every workflow. Short ones are pinned: they end on the version on which they began. Match,
// OnboardParticipant and ConfirmListing wait for people, VerifyDocuments for years, DeliverNotices for mornings,
// PublishEvents and ProjectGraph run for ever; they move to the current version at their next task; a change of what they do in which
// order therefore needs a gate, a named function in this file on top of workflow.GetVersion, and the replay test proves
// that it is there.
func Registrations() []Registration {
	return []Registration{
		{"ImportDataset", ImportDataset, workflow.VersioningBehaviorPinned},
		{"OnboardParticipant", OnboardParticipant, workflow.VersioningBehaviorAutoUpgrade},
		{"MatchingRun", MatchingRun, workflow.VersioningBehaviorPinned},
		{"Match", Match, workflow.VersioningBehaviorAutoUpgrade},
		{"EconomicValuation", EconomicValuation, workflow.VersioningBehaviorPinned},
		{"RecurringMatching", RecurringMatching, workflow.VersioningBehaviorPinned},
		{"RecurringValuation", RecurringValuation, workflow.VersioningBehaviorPinned},
		{"DeliverNotices", DeliverNotices, workflow.VersioningBehaviorAutoUpgrade},
		{"PublishEvents", PublishEvents, workflow.VersioningBehaviorAutoUpgrade},
		{"VerifyDocuments", VerifyDocuments, workflow.VersioningBehaviorAutoUpgrade},
		{"ConfirmListing", ConfirmListing, workflow.VersioningBehaviorAutoUpgrade},
		{"ProjectGraph", ProjectGraph, workflow.VersioningBehaviorAutoUpgrade},
		{"ReconcileGraph", ReconcileGraph, workflow.VersioningBehaviorPinned},
	}
}

// longHistory is the number of events at which a waiting workflow starts a new history: far below the server's limit of
// 51,200 and the house's own of 2,000, with room for one more round.
const longHistory = 1500

func historyIsLong(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetCurrentHistoryLength() > longHistory
}

// endsTimers lets a wait end the timer that a signal overtook. A workflow that left one alone before does so to its end.
func endsTimers(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "end-overtaken-timers", workflow.DefaultVersion, 1) >= 1
}

// hasFloors lets only runs with floors take the step that finds their prices: floors that they were asked for, or that
// open proposals of earlier runs hold. The gate is the run's own input and the snapshot that it recorded: no run that began
// before there were either can have any.
func hasFloors(in activities.RunRef, frozen activities.Snapshot) bool {
	return len(in.Fairness.Floors) > 0 || len(frozen.Inherited) > 0
}
