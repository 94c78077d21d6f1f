package api

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/postgres"
)

// maintenanceRetry is when a caller is asked to come back to a city in maintenance.
const maintenanceRetry = time.Minute

// takeIn refuses what is new while the caller's city is in maintenance.
func (s *server) takeIn(c *gin.Context) {
	op := s.operation(c)
	if op == nil || !op.intake {
		return
	}
	now, err := s.store.Maintenance(c.Request.Context(), callerOf(c.Request.Context()).City)
	if err != nil {
		fail(c, err)
		return
	}
	if now != nil {
		fail(c, &problem{kind: inMaintenance, detail: "maintenance since " + now.Since.UTC().Format(time.RFC3339) + ": " + now.Reason, retry: maintenanceRetry})
	}
}

// GetMaintenance says whether the city takes new things in.
func (s *server) GetMaintenance(ctx context.Context, _ wire.GetMaintenanceRequestObject) (wire.GetMaintenanceResponseObject, error) {
	now, err := s.store.Maintenance(ctx, callerOf(ctx).City)
	return wire.GetMaintenance200JSONResponse(maintenanceOf(now)), err
}

// SetMaintenance stops the intake of the city or resumes it. Its schedules are held in between; where Temporal is away, the
// intake is stopped before and resumed after them, so that a repeated request completes either.
func (s *server) SetMaintenance(ctx context.Context, request wire.SetMaintenanceRequestObject) (wire.SetMaintenanceResponseObject, error) {
	caller, body := callerOf(ctx), request.Body
	if !body.Active {
		if err := s.audit(ctx, "end maintenance", "city", string(caller.City)); err != nil {
			return nil, err
		}
		err := s.askTemporal(ctx, func(ctx context.Context) error { return s.scheduler().Release(ctx, caller.City) })
		if err != nil {
			return nil, err
		}
		return wire.SetMaintenance200JSONResponse{}, s.store.EndMaintenance(ctx, caller.City)
	}
	if body.Reason == "" {
		return nil, invalidRequest.field("/reason", "required to stop the intake: callers are told")
	}
	if err := s.audit(ctx, "begin maintenance", "city", string(caller.City)); err != nil {
		return nil, err
	}
	now, err := s.store.BeginMaintenance(ctx, postgres.Maintenance{City: caller.City, Reason: body.Reason, Actor: caller.Actor})
	if err != nil {
		return nil, err
	}
	err = s.askTemporal(ctx, func(ctx context.Context) error { return s.scheduler().Hold(ctx, caller.City, body.Reason) })
	return wire.SetMaintenance200JSONResponse(maintenanceOf(&now)), err
}

func maintenanceOf(m *postgres.Maintenance) wire.Maintenance {
	if m == nil {
		return wire.Maintenance{}
	}
	return wire.Maintenance{Active: true, Reason: m.Reason, Actor: m.Actor, Since: m.Since}
}
