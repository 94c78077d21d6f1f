package workflows

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
)

// Workflow ids are derived from what the workflow is about, so that starting twice is starting once.

// ImportID names the workflow of one import.
func ImportID(c city.ID, importID string) string { return "import/" + string(c) + "/" + importID }

// OnboardingID names the workflow that onboards a participant.
func OnboardingID(c city.ID, p city.ParticipantID) string {
	return "onboarding/" + string(c) + "/" + string(p)
}

// RunID names the workflow of a matching run.
func RunID(c city.ID, run city.RunID) string { return "matching-run/" + string(c) + "/" + string(run) }

// MatchID names the workflow of a match.
func MatchID(ref activities.MatchRef) string {
	return strings.Join([]string{
		"match", string(ref.City), string(ref.Match.Run), string(ref.Match.Leaf), strconv.Itoa(ref.Match.N),
	}, "/")
}

// ValuationID names the workflow that values a scope, such as a whole run, at a moment: what was promised and what was
// received are two valuations, and so are two methods; no start may stand for another.
func ValuationID(ref activities.ValuationRef) string {
	parts := []string{"valuation", string(ref.City), string(ref.Scope), ref.ID, string(ref.Moment)}
	if ref.Method != "" {
		parts = append(parts, ref.Method)
	}
	return strings.Join(parts, "/")
}

// NoticesID names the workflow that delivers a city's notices.
func NoticesID(c city.ID) string { return "notices/" + string(c) }

// PublisherID names the one workflow of an installation that publishes events.
func PublisherID(prefix string) string { return ofInstallation("events/publisher", prefix) }

// ProjectionID names the one workflow of an installation that projects events into the graph.
func ProjectionID(prefix string) string { return ofInstallation("graph/projection", prefix) }

// ReconciliationID names the one workflow of an installation that compares the graph with the rows.
func ReconciliationID(prefix string) string { return ofInstallation("graph/reconcile", prefix) }

func ofInstallation(name, prefix string) string {
	if prefix == "" {
		return name
	}
	return name + "/" + prefix
}

// VerificationID names the workflow that keeps a participant verified.
func VerificationID(c city.ID, p city.ParticipantID) string {
	return "verification/" + string(c) + "/" + string(p)
}

// ConfirmID names the workflow that asks about a listing. One question is open at a time.
func ConfirmID(c city.ID, l city.ListingID) string { return "confirm/" + string(c) + "/" + string(l) }

// Queue is a task queue by what its workers are good at.
type Queue string

// The queues. A worker process serves those it is told to.
const (
	CityQueue     Queue = "city"     // short work on the stores
	MatchingQueue Queue = "matching" // work that keeps a core busy
	RecoveryQueue Queue = "recovery" // backups and drills: PostgreSQL's tools and disk
)

// Queues lists all queues in their order.
func Queues() []Queue { return []Queue{CityQueue, MatchingQueue, RecoveryQueue} }

// Name is the queue's name on the server. A prefix keeps installations that share a namespace apart.
func (q Queue) Name(prefix string) string {
	if prefix == "" {
		return string(q)
	}
	return prefix + "-" + string(q)
}

// sibling is the name of queue q in the installation of the running workflow; all workflows run on the queue city.
func sibling(ctx workflow.Context, q Queue) string {
	return strings.TrimSuffix(workflow.GetInfo(ctx).TaskQueueName, string(CityQueue)) + string(q)
}

// ParseQueue reads a queue's name.
func ParseQueue(name string) (Queue, error) {
	if queue := Queue(name); slices.Contains(Queues(), queue) {
		return queue, nil
	}
	return "", fmt.Errorf("queue %q: want one of %v", name, Queues())
}
