package api

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/telemetry"
)

// audit records who is about to change what. It is written before the change: there may be a row whose change then
// failed, but never a change without its row.
func (s *server) audit(ctx context.Context, action, kind, subject string) error {
	caller := callerOf(ctx)
	err := s.store.AppendAudit(ctx, postgres.AuditEntry{
		City: caller.City, Actor: caller.Actor, Role: caller.Role, Action: action, Kind: kind, Subject: subject,
		RequestID: telemetry.RequestID(ctx),
	})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
