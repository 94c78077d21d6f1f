package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Maintenance says that a city takes nothing new in: no import, run, valuation, application or listing begins, and what
// is under way goes on.
type Maintenance struct {
	City   city.ID
	Reason string
	Actor  string    // who began it
	Since  time.Time // wall time
}

// Maintenance reads whether a city is in maintenance; nil when it is not.
func (s *Store) Maintenance(ctx context.Context, c city.ID) (*Maintenance, error) {
	row, err := s.q.Maintenance(ctx, string(c))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, translate("read the maintenance of city "+string(c), err)
	}
	return &Maintenance{City: c, Reason: row.Reason, Actor: row.Actor, Since: row.Since}, nil
}

// BeginMaintenance stops the intake of a city. Beginning twice is beginning once; the reason is then the later one.
func (s *Store) BeginMaintenance(ctx context.Context, m Maintenance) (Maintenance, error) {
	row, err := s.q.BeginMaintenance(ctx, gen.BeginMaintenanceParams{City: string(m.City), Reason: m.Reason, Actor: m.Actor})
	return Maintenance{City: m.City, Reason: row.Reason, Actor: row.Actor, Since: row.Since},
		translate("begin the maintenance of city "+string(m.City), err)
}

// EndMaintenance takes things in again. Ending what has ended is success.
func (s *Store) EndMaintenance(ctx context.Context, c city.ID) error {
	_, err := s.q.EndMaintenance(ctx, string(c))
	return translate("end the maintenance of city "+string(c), err)
}
