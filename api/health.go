package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/postgres"
)

// GetHealth says that the process answers.
func (s *server) GetHealth(context.Context, wire.GetHealthRequestObject) (wire.GetHealthResponseObject, error) {
	return wire.GetHealth200JSONResponse{Status: wire.HealthStatusAlive}, nil
}

// readyTime bounds each dependency's answer, below the probe's own timeout.
const readyTime = 2 * time.Second

// GetReady asks every dependency. Without Redis requests go on, so it only degrades.
func (s *server) GetReady(ctx context.Context, _ wire.GetReadyRequestObject) (wire.GetReadyResponseObject, error) {
	answer := s.readiness(ctx)
	if answer.Status == wire.ReadinessStatusNotReady {
		return wire.GetReady503JSONResponse(answer), nil
	}
	return wire.GetReady200JSONResponse(answer), nil
}

func (s *server) readiness(ctx context.Context) wire.Readiness {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	checks := []struct {
		name     string
		required bool
		ask      func(context.Context) error
	}{
		{"postgres", true, s.store.Ping},
		{"temporal", true, func(ctx context.Context) error {
			_, err := s.temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
			return err
		}},
		{"redis", false, s.cache.Ping},
	}
	answer := wire.Readiness{Status: wire.ReadinessStatusReady, Dependencies: make([]wire.Dependency, len(checks))}
	var group sync.WaitGroup
	for i, check := range checks {
		group.Go(func() {
			one := wire.Dependency{Name: check.name, Required: check.required, Status: wire.DependencyStatusUp}
			if err := check.ask(ctx); err != nil {
				one.Status, one.Detail = wire.DependencyStatusDown, "does not answer"
				var schema *postgres.SchemaError
				if errors.As(err, &schema) {
					one.Detail = schema.Error()
				}
				s.logger.WarnContext(ctx, "a dependency does not answer", "dependency", check.name, "error", err)
			}
			answer.Dependencies[i] = one
		})
	}
	group.Wait()
	for _, one := range answer.Dependencies {
		switch {
		case one.Status == wire.DependencyStatusUp:
		case one.Required:
			answer.Status = wire.ReadinessStatusNotReady
		case answer.Status == wire.ReadinessStatusReady:
			answer.Status = wire.ReadinessStatusDegraded
		}
	}
	return answer
}
