package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
)

const (
	// relayLength is how long one activity relays. It is the time that a worker's stop may wait for at most, and how often
	// old events are dropped.
	relayLength = 5 * time.Minute
	// relayRounds is the number of rounds in one history: four hours, 300 events.
	relayRounds = 50
)

// PublishEvents keeps one relay running in the installation, for ever: it numbers what was committed to the outbox and
// passes it on to whoever listens. A round that fails is followed by the next one; what it left undone is still in the
// outbox.
func PublishEvents(ctx workflow.Context) (activities.RelaySummary, error) {
	var total activities.RelaySummary
	for range relayRounds {
		round, err := relaying(ctx, "number events and pass them on", relay.RelayEvents, activities.RelayRound{Length: relayLength})
		if temporal.IsCanceledError(err) || ctx.Err() != nil {
			return total, closeStatus(ctx, err)
		}
		if err != nil {
			workflow.GetLogger(ctx).Warn("a round of the relay failed", "error", err)
		}
		total.Numbered, total.Relayed, total.Dropped = total.Numbered+round.Numbered, total.Relayed+round.Relayed, total.Dropped+round.Dropped
		total.Position = max(total.Position, round.Position)
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("numbered %d, passed on %d, dropped %d; the listeners' stream is at %d",
			total.Numbered, total.Relayed, total.Dropped, total.Position))
	}
	return total, workflow.NewContinueAsNewError(ctx, PublishEvents)
}
