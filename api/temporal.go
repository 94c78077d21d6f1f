package api

import (
	"context"
	"errors"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// temporalTime bounds a start or a signal. The SDK repeats by itself while the server is away, for as long as it may;
// a caller is better told soon, and repeats with the same key.
const temporalTime = 4 * time.Second

// start asks Temporal to start a workflow.
func (s *server) start(ctx context.Context, ask func(context.Context) (workflows.Started, error)) (workflows.Started, error) {
	var started workflows.Started
	err := s.askTemporal(ctx, func(ctx context.Context) error {
		var err error
		started, err = ask(ctx)
		return err
	})
	return started, err
}

func (s *server) askTemporal(ctx context.Context, ask func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, temporalTime)
	defer cancel()
	err := ask(limited)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		p := waiting(away, "Temporal does not answer; repeat the request with the same key")
		p.cause = err
		return p
	}
	return err
}

// announce tells the workflow that a decision was recorded. When the workflow is over although the decision is pending,
// it lost a race: whoever was faster, the decision's outcome or the subject's state says so.
func (s *server) announce(ctx context.Context, id city.ID, decision city.DecisionID, signal func(context.Context) error) (postgres.Decision, error) {
	signalErr := s.askTemporal(ctx, signal)
	if signalErr != nil && !errors.Is(signalErr, workflows.ErrOver) {
		return postgres.Decision{}, signalErr
	}
	recorded, err := s.store.Decision(ctx, id, decision)
	if err != nil {
		return postgres.Decision{}, err
	}
	if signalErr != nil && recorded.Outcome == city.DecisionPending {
		return postgres.Decision{}, signalErr
	}
	return recorded, nil
}
