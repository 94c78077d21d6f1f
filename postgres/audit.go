package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// AuditEntry says who changed what. It is never changed. At is wall time, CityAt the city clock at that moment.
type AuditEntry struct {
	ID        int64
	City      city.ID
	At        time.Time
	CityAt    *time.Time
	Actor     string
	Role      city.Role
	Action    string
	Kind      string // of the subject: participant, listing, match, run, import, key, ...
	Subject   string
	RequestID string
	Detail    json.RawMessage // IDs and words, no personal data
}

// AuditFilter narrows a list; empty fields ask for nothing.
type AuditFilter struct {
	Kind    string
	Subject string // with Kind
}

// AppendAudit records entries in one transaction.
func (s *Store) AppendAudit(ctx context.Context, entries ...AuditEntry) error {
	rows := make([]gen.AppendAuditParams, len(entries))
	for i, e := range entries {
		rows[i] = gen.AppendAuditParams{
			City: string(e.City), Actor: e.Actor, Role: string(e.Role), Action: e.Action, Kind: e.Kind, Subject: e.Subject,
			RequestID: e.RequestID, Detail: object(e.Detail),
		}
	}
	return s.write(ctx, "append to the audit", func(_ pgx.Tx, q *gen.Queries) error {
		var failed error
		q.AppendAudit(ctx, rows).Exec(func(_ int, err error) {
			if failed == nil {
				failed = err
			}
		})
		return failed
	})
}

// ListAudit reads a page of a city's audit, oldest first.
func (s *Store) ListAudit(ctx context.Context, id city.ID, f AuditFilter, page Page) ([]AuditEntry, string, error) {
	var q query
	q.equal("city", string(id))
	equalIfSet(&q, "kind", f.Kind)
	equalIfSet(&q, "subject", f.Subject)
	var after int64
	if err := page.read(&after); err != nil {
		return nil, "", err
	}
	q.after("id", after)
	const columns = "id, city, at, city_at, actor, role, action, kind, subject, request_id, detail"
	entries, err := list(ctx, s, &q, columns, "audit", "id", page.limit()+1, pgx.RowToStructByPos[AuditEntry])
	entries, next := paged(entries, page, func(e AuditEntry) string { return cursor(e.ID) })
	return entries, next, translate("list the audit", err)
}
