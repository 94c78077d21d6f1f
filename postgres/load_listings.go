package postgres

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

//go:embed staging.sql
var stagingTables string

// listings takes in the listings of rows that are new or changed, with their holders, and withdraws those that a changed
// row no longer has.
func (l *loading) listings(ctx context.Context) error {
	changed := l.keys((*loadedRow).changed)
	participants, listings, err := l.staged()
	if err != nil || len(changed)+len(listings) == 0 {
		return err
	}
	if err := l.stage(ctx, participants, listings); err != nil {
		return err
	}
	id := string(l.City)
	if err := l.rejectOtherIdentity(ctx); err != nil {
		return fmt.Errorf("reject listings of another identity: %w", err)
	}
	if err := l.q.LoadParticipants(ctx, id); err != nil {
		return fmt.Errorf("load participants: %w", err)
	}
	if err := l.q.LoadListings(ctx, id); err != nil {
		return err
	}
	if len(changed) == 0 {
		return nil
	}
	if err := l.q.ChangeParticipants(ctx, id); err != nil {
		return fmt.Errorf("change participants: %w", err)
	}
	if err := l.q.ChangeListings(ctx, id); err != nil {
		return fmt.Errorf("change listings: %w", err)
	}
	err = l.q.WithdrawVanished(ctx, gen.WithdrawVanishedParams{City: id, Dataset: l.Dataset, Keys: changed})
	if err != nil {
		return fmt.Errorf("withdraw vanished listings: %w", err)
	}
	return nil
}

func (l *loading) staged() (participants, listings [][]any, err error) {
	for i := range l.rows {
		row := &l.rows[i]
		if row.unchanged || row.Outcome != RowListing {
			continue
		}
		for _, p := range row.Participants {
			participants = append(participants, participantCopy(row, p))
		}
		for _, item := range row.Listings {
			item.City, item.Source, item.SourceKey = l.City, l.Dataset, row.Key
			r, err := listingRowOf(item.Listing, item.ExpiresAt)
			if err != nil {
				return nil, nil, fmt.Errorf("line %d: %w", row.Line, err)
			}
			listings = append(listings, r.copy(row))
		}
	}
	return participants, listings, nil
}

func (l *loading) stage(ctx context.Context, participants, listings [][]any) error {
	if _, err := l.tx.Exec(ctx, stagingTables); err != nil {
		return fmt.Errorf("make staging tables: %w", err)
	}
	for _, table := range []struct {
		name    string
		columns []string
		rows    [][]any
	}{
		{"staged_participant", participantCopyColumns(), participants},
		{"staged_listing", listingCopyColumns(), listings},
	} {
		if _, err := l.tx.CopyFrom(ctx, pgx.Identifier{table.name}, table.columns, pgx.CopyFromRows(table.rows)); err != nil {
			return fmt.Errorf("copy into %s: %w", table.name, err)
		}
	}
	// Nothing gathers statistics of a temporary table by itself, and without them the planner joins row by row.
	if _, err := l.tx.Exec(ctx, "ANALYZE staged_participant (line, id), staged_listing (line, id)"); err != nil {
		return fmt.Errorf("analyse the staging tables: %w", err)
	}
	return nil
}

func (l *loading) rejectOtherIdentity(ctx context.Context) error {
	others, err := l.q.RejectOtherIdentity(ctx, string(l.City))
	if err != nil || len(others) == 0 {
		return err
	}
	reasons := make(map[int64]string, len(others))
	for _, other := range others {
		reasons[other.Line] = other.Reason
	}
	for i := range l.rows {
		if reason, other := reasons[l.rows[i].Line]; other {
			l.rows[i].reject(reason)
		}
	}
	return nil
}

func participantCopyColumns() []string {
	return []string{
		"line", "known", "id", "kind", "name", "email_domain", "address_id", "operator", "lon", "lat", "location_quality", "ward",
		"state", "origin", "source", "source_key", "again",
	}
}

func participantCopy(row *loadedRow, p city.Participant) []any {
	lon, lat := coordinates(p.Point)
	return []any{
		row.Line, row.known, string(p.ID), string(p.Kind), p.Name, p.EmailDomain, p.AddressID, p.Operator, lon, lat,
		string(p.LocationQuality), p.Ward, string(p.State), string(p.Origin), p.Source, p.SourceKey, row.Again,
	}
}
