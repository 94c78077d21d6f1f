package activities

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
)

// beat is how often a long step says that it lives; the server waits several times as long.
const beat = 5 * time.Second

// pulse heartbeats for a long step: that it lives, and from where a repeated attempt can go on. Through the heartbeats
// the step learns that it was cancelled: then its context ends. Outside of a worker it does nothing.
type pulse struct {
	ctx   context.Context //nolint:containedctx // the step's own, which a heartbeat has to be given
	done  chan struct{}
	mutex sync.Mutex
	at    []any // where the step is; empty when it cannot be resumed
}

func startPulse(ctx context.Context) *pulse {
	p := &pulse{ctx: ctx, done: make(chan struct{})}
	if activity.IsActivity(ctx) {
		if at, found := position[any](ctx); found {
			p.at = []any{at} // until the first step of its own, where the last attempt was
		}
		go p.run()
	}
	return p
}

func (p *pulse) run() {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-p.ctx.Done():
			return
		case <-ticker.C:
			p.record()
		}
	}
}

func (p *pulse) record() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	activity.RecordHeartbeat(p.ctx, p.at...)
}

// reached says how far the step came.
func (p *pulse) reached(at any) {
	p.mutex.Lock()
	p.at = []any{at}
	p.mutex.Unlock()
	if activity.IsActivity(p.ctx) {
		p.record()
	}
}

func (p *pulse) stop() { close(p.done) }

// beating heartbeats for as long as a computation runs that has no position to resume from; the returned function ends
// it.
func beating(ctx context.Context) func() { return startPulse(ctx).stop }

// position reads how far the last attempt of a step came; false at the first attempt.
func position[P any](ctx context.Context) (p P, found bool) {
	if !activity.IsActivity(ctx) || !activity.HasHeartbeatDetails(ctx) {
		return p, false
	}
	err := activity.GetHeartbeatDetails(ctx, &p)
	return p, err == nil
}
