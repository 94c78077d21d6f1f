// Package exports writes what a city holds in forms that others read: participants with their resources and needs as HSDS 3,
// matches as a table. It reads the store page by page, so that memory does not grow with the city, and changes nothing.
package exports

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/hsds"
	"github.com/city-resource-graph/crg/ingest/sheet"
	"github.com/city-resource-graph/crg/postgres"
)

// Form is what an export is written as. Its text is the name of the file.
type Form string

// Forms of an export.
const (
	HSDSJSON    Form = "hsds.json"    // HSDS 3 JSON: a list of organizations
	HSDSTables  Form = "hsds.zip"     // HSDS 3 tabular package
	MatchesCSV  Form = "matches.csv"  //
	MatchesXLSX Form = "matches.xlsx" //
)

// Forms lists all.
func Forms() []Form { return []Form{HSDSJSON, HSDSTables, MatchesCSV, MatchesXLSX} }

// Validate refuses an unknown form.
func (f Form) Validate() error {
	if slices.Contains(Forms(), f) {
		return nil
	}
	return fmt.Errorf("form %q: want one of %v", string(f), Forms())
}

// Store is what is exported.
type Store interface {
	City(ctx context.Context, id city.ID) (postgres.City, error)
	Run(ctx context.Context, id city.ID, run city.RunID) (postgres.Run, error)
	ListParticipants(ctx context.Context, id city.ID, f postgres.ParticipantFilter, page postgres.Page) ([]postgres.Participant, string, error)
	ListingsOf(ctx context.Context, id city.ID, holders []city.ParticipantID, states ...city.ListingState) ([]postgres.Listing, error)
	ListMatches(ctx context.Context, id city.ID, f postgres.MatchFilter, page postgres.Page) ([]postgres.Match, string, error)
}

// Request says what is wanted.
type Request struct {
	City city.ID
	Form Form
	Run  city.RunID // matches of this run only; empty = all
}

// Write writes an export to w.
func Write(ctx context.Context, store Store, in Request, w io.Writer) error {
	if err := in.Form.Validate(); err != nil {
		return err
	}
	row, err := store.City(ctx, in.City)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(row.TimeZone)
	if err != nil {
		return fmt.Errorf("time zone of city %s: %w", in.City, err)
	}
	if in.Run != "" {
		if _, err := store.Run(ctx, in.City, in.Run); err != nil {
			return err
		}
	}
	x := exporter{store: store, in: in, row: row, zone: zone, now: row.Clock.Now(time.Now())}
	switch in.Form {
	case HSDSJSON:
		return hsds.WriteJSON(w, x.holders(ctx), zone, city.DefaultTaxonomy().Title)
	case HSDSTables:
		return x.tables(ctx, w)
	case MatchesXLSX:
		return sheet.WriteXLSX(w, "matches", matchColumns, x.matches(ctx))
	default:
		return sheet.WriteCSV(w, matchColumns, x.matches(ctx))
	}
}

type exporter struct {
	store Store
	in    Request
	row   postgres.City
	zone  *time.Location
	now   time.Time // by the city clock
}

// pages visits all pages of a list.
func pages[T any](read func(page postgres.Page) ([]T, string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		page := postgres.Page{Limit: postgres.MaxLimit}
		for {
			found, next, err := read(page)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, one := range found {
				if !yield(one, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			page.After = next
		}
	}
}

// holdersAtOnce bounds what an export has in memory: so many participants with all that they list.
const holdersAtOnce = 100

// holders are the active participants, each with what is left of its open and unconfirmed listings: two queries for a page of them.
func (x exporter) holders(ctx context.Context) iter.Seq2[hsds.Holder, error] {
	return func(yield func(hsds.Holder, error) bool) {
		for page := (postgres.Page{Limit: holdersAtOnce}); ; {
			people, next, err := x.store.ListParticipants(ctx, x.in.City, postgres.ParticipantFilter{State: city.ParticipantActive}, page)
			if err != nil {
				yield(hsds.Holder{}, err)
				return
			}
			listings, err := x.listings(ctx, people)
			if err != nil {
				yield(hsds.Holder{}, err)
				return
			}
			for _, p := range people {
				if !yield(hsds.Holder{Participant: p.Participant, Listings: listings[p.ID]}, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			page.After = next
		}
	}
}

func (x exporter) listings(ctx context.Context, people []postgres.Participant) (map[city.ParticipantID][]city.Listing, error) {
	ids := make([]city.ParticipantID, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	listed, err := x.store.ListingsOf(ctx, x.in.City, ids, city.ListingOpen, city.ListingUnconfirmed)
	of := map[city.ParticipantID][]city.Listing{}
	for i := range listed {
		if l := &listed[i]; l.ExpiresAt == nil || l.ExpiresAt.After(x.now) {
			of[l.Holder] = append(of[l.Holder], remaining(l))
		}
	}
	return of, err
}

// remaining is a listing about what nobody was promised yet: who reads an export must not count on the rest.
func remaining(l *postgres.Listing) city.Listing {
	left := l.Listing
	left.Quantity.Amount = l.Remaining()
	if left.Resource != nil {
		terms := *left.Resource
		terms.MinimumLot = min(terms.MinimumLot, left.Quantity.Amount)
		left.Resource = &terms
	}
	if left.Need != nil {
		terms := *left.Need
		terms.MinimumLot = min(terms.MinimumLot, left.Quantity.Amount)
		left.Need = &terms
	}
	return left
}

// tables writes the tabular package as one ZIP archive.
func (x exporter) tables(ctx context.Context, w io.Writer) error {
	folder, err := os.MkdirTemp("", "crg-export-*")
	if err != nil {
		return fmt.Errorf("a folder for the export: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := hsds.WriteTabular(folder, x.holders(ctx), x.zone, city.DefaultTaxonomy().Title); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("read the export: %w", err)
	}
	archive := zip.NewWriter(w)
	for _, entry := range entries {
		if err := addTo(archive, folder, entry.Name()); err != nil {
			return err
		}
	}
	return archive.Close()
}

func addTo(archive *zip.Writer, folder, name string) error {
	file, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return fmt.Errorf("read the export: %w", err)
	}
	defer func() { _ = file.Close() }()
	part, err := archive.Create(name)
	if err == nil {
		_, err = io.Copy(part, file)
	}
	if err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	return nil
}

var matchColumns = strings.Split("match,run,category,state,reason,resource,need,giver,receiver,ward,quantity,unit,"+
	"handed_quantity,received_quantity,measured_quantity,distance_m,expected_value,currency,origin,created_at,approved_at,handed_over_at,ended_at", ",")

// matches are the rows of the table of matches; times are city time in the city's zone.
func (x exporter) matches(ctx context.Context) iter.Seq2[[]any, error] {
	list := pages(func(page postgres.Page) ([]postgres.Match, string, error) {
		return x.store.ListMatches(ctx, x.in.City, postgres.MatchFilter{Run: x.in.Run}, page)
	})
	return func(yield func([]any, error) bool) {
		for m, err := range list {
			if !yield(x.match(m), err) || err != nil {
				return
			}
		}
	}
}

func (x exporter) match(m postgres.Match) []any {
	return []any{
		m.ID.String(), string(m.ID.Run), string(m.ID.Leaf), string(m.State), m.StateReason, string(m.Resource), string(m.Need),
		string(m.Giver), string(m.Receiver), m.Ward, m.Quantity, string(m.Unit), number(m.HandedQuantity), number(m.ReceivedQuantity),
		number(m.MeasuredQuantity), m.DistanceM, city.FormatMinor(m.ExpectedMinor, x.row.Currency), string(x.row.Currency), string(m.Origin),
		x.time(&m.CreatedAt), x.time(m.ApprovedAt), x.time(m.HandedOverAt), x.time(m.EndedAt),
	}
}

func (x exporter) time(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.In(x.zone).Format("2006-01-02 15:04:05")
}

// number is a quantity, or nothing.
func number(n *int64) any {
	if n == nil {
		return ""
	}
	return *n
}

// ToFile writes an export into a file, whole or not at all.
func ToFile(ctx context.Context, store Store, in Request, path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".export-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	if err := errors.Join(Write(ctx, store, in, file), file.Chmod(0o644), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(file.Name(), path)
}
