package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
)

// beat is how often a long step says that it lives; the server waits several times as long.
const beat = 5 * time.Second

// beating heartbeats for as long as a computation runs that has no position to resume from; the returned function ends
// it. Through the heartbeats the step learns that it was cancelled: then ctx ends.
func beating(ctx context.Context) func() {
	if !activity.IsActivity(ctx) {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(beat)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ctx.Done():
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	return func() { close(done) }
}

// position reads how far the last attempt of a step came; false at the first attempt.
func position[P any](ctx context.Context) (p P, found bool) {
	if !activity.IsActivity(ctx) || !activity.HasHeartbeatDetails(ctx) {
		return p, false
	}
	err := activity.GetHeartbeatDetails(ctx, &p)
	return p, err == nil
}

// reached heartbeats how far a step came.
func reached[P any](ctx context.Context, p P) {
	if activity.IsActivity(ctx) {
		activity.RecordHeartbeat(ctx, p)
	}
}
