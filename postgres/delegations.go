package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Delegation names an approver's deputy for a time. Times are city time.
type Delegation struct {
	City      city.ID
	ID        string
	Approver  string
	Deputy    string
	StartsAt  time.Time
	EndsAt    time.Time
	Note      string
	CreatedBy string
	CreatedAt time.Time
	EndedAt   *time.Time // before its time
}

const delegationColumns = "city, id, approver, deputy, starts_at, ends_at, note, created_by, created_at, ended_at"

// Delegate records a delegation. The same one twice is a success; another one under its id is an ErrConflict.
func (s *Store) Delegate(ctx context.Context, d Delegation) error {
	rows, err := s.q.InsertDelegation(ctx, gen.InsertDelegationParams{
		City: string(d.City), ID: d.ID, Approver: d.Approver, Deputy: d.Deputy, StartsAt: d.StartsAt, EndsAt: d.EndsAt,
		Note: d.Note, CreatedBy: d.CreatedBy,
	})
	doing := fmt.Sprintf("record delegation %s", d.ID)
	if err != nil || rows == 1 {
		return translate(doing, err)
	}
	there, err := s.Delegation(ctx, d.City, d.ID)
	if err == nil && (there.Approver != d.Approver || there.Deputy != d.Deputy) {
		err = fmt.Errorf("%s: it exists with other content: %w", doing, ErrConflict)
	}
	return err
}

// Delegation reads one delegation.
func (s *Store) Delegation(ctx context.Context, id city.ID, delegation string) (Delegation, error) {
	var q query
	q.equal("city", string(id))
	q.equal("id", delegation)
	found, err := list(ctx, s, &q, delegationColumns, "delegation", "id", 1, pgx.RowToStructByPos[Delegation])
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Delegation{}, translate("read delegation "+delegation, err)
	}
	return found[0], nil
}

// ListDelegations reads a page, by id; those that ended too.
func (s *Store) ListDelegations(ctx context.Context, id city.ID, page Page) ([]Delegation, string, error) {
	var q query
	q.equal("city", string(id))
	var after string
	if err := page.read(&after); err != nil {
		return nil, "", err
	}
	q.after("id", after)
	items, err := list(ctx, s, &q, delegationColumns, "delegation", "id", page.limit()+1, pgx.RowToStructByPos[Delegation])
	items, next := paged(items, page, func(d Delegation) string { return cursor(d.ID) })
	return items, next, translate("list delegations", err)
}

// EndDelegation ends a delegation before its time; one that ended stays so.
func (s *Store) EndDelegation(ctx context.Context, id city.ID, delegation string) error {
	rows, err := s.q.EndDelegation(ctx, gen.EndDelegationParams{City: string(id), ID: delegation})
	return found("end delegation "+delegation, rows, err)
}

// Deputies are the delegations that are in force by the city clock.
func (s *Store) Deputies(ctx context.Context, id city.ID) ([]Delegation, error) {
	rows, err := s.q.DelegationsInForce(ctx, string(id))
	inForce := make([]Delegation, len(rows))
	for i, row := range rows {
		inForce[i] = Delegation{
			City: id, ID: row.ID, Approver: row.Approver, Deputy: row.Deputy, StartsAt: row.StartsAt, EndsAt: row.EndsAt,
			Note: row.Note, CreatedBy: row.CreatedBy, CreatedAt: row.CreatedAt, EndedAt: row.EndedAt,
		}
	}
	return inForce, translate("read the deputies", err)
}

// ActorsOf are the people who have a valid key with a role.
func (s *Store) ActorsOf(ctx context.Context, id city.ID, role city.Role) ([]string, error) {
	actors, err := s.q.ActorsOf(ctx, gen.ActorsOfParams{City: string(id), Role: string(role)})
	return actors, translate("list who has the role "+string(role), err)
}
