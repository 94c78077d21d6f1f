package activities

import (
	"context"
	"encoding/json"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// AuditStore reads and appends what happened.
type AuditStore interface {
	AppendAudit(ctx context.Context, entries ...postgres.AuditEntry) error
	ListAudit(ctx context.Context, id city.ID, f postgres.AuditFilter, page postgres.Page) ([]postgres.AuditEntry, string, error)
}

// auditOnce records that the program did something to a subject, such as reminding its approvers; a repeated attempt
// records nothing more. Detail is of ids and words; nil for none.
func auditOnce(ctx context.Context, store AuditStore, id city.ID, kind, subject, action string, detail any) error {
	page := postgres.Page{Limit: 500}
	for {
		entries, next, err := store.ListAudit(ctx, id, postgres.AuditFilter{Kind: kind, Subject: subject}, page)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			if entry.Action == action {
				return nil
			}
		}
		if next == "" {
			break
		}
		page.After = next
	}
	entry := postgres.AuditEntry{
		City: id, Actor: "crg", Role: postgres.RolePolicy, Action: action, Kind: kind, Subject: subject,
	}
	if detail != nil {
		text, err := json.Marshal(detail)
		if err != nil {
			return err
		}
		entry.Detail = text
	}
	return store.AppendAudit(ctx, entry)
}
