package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Moment says whether a valuation looks ahead or back.
type Moment string

// Moments of a valuation.
const (
	ExAnte Moment = "ex_ante" // of what was proposed
	ExPost Moment = "ex_post" // of what was handed over
)

// Valuation is what a scope is worth by one method version, its set of parameters and one version of the formulas. It is never changed: a new
// valuation is another one. Amounts are minor units of Currency at the prices of PriceYear.
type Valuation struct {
	City             city.ID
	ID               string // derived from the workflow and what it values
	Scope            string // match, run, ...
	ScopeID          string
	Match            *city.MatchID // set when the scope is one match
	Moment           Moment
	Method           string
	ParametersSHA256 string
	Formulas         string // version of the formulas; empty: recorded before they had one
	Inputs           json.RawMessage
	Seed             int64
	Result           json.RawMessage
	Currency         city.Currency
	PriceYear        int
	NSVMinor         int64
	P5Minor          *int64
	P50Minor         *int64
	P95Minor         *int64
	Author           string
	CreatedAt        time.Time
}

// ValuationFilter narrows a list; empty fields ask for nothing.
type ValuationFilter struct {
	Scope   string
	ScopeID string
	Match   *city.MatchID
	Moment  Moment
	Method  string
}

const valuationColumns = `city, id, scope, scope_id, match, moment, method, parameters_sha256, formulas, inputs, seed, result,
	currency, price_year, nsv_minor, p5_minor, p50_minor, p95_minor, author, created_at, sequence`

// valuationRow carries the sequence that the pages go by.
type valuationRow struct {
	Valuation
	sequence int64
}

func scanValuation(row pgx.CollectableRow) (valuationRow, error) {
	var v valuationRow
	var match *string
	err := row.Scan(&v.City, &v.ID, &v.Scope, &v.ScopeID, &match, &v.Moment, &v.Method, &v.ParametersSHA256, &v.Formulas, &v.Inputs,
		&v.Seed, &v.Result, &v.Currency, &v.PriceYear, &v.NSVMinor, &v.P5Minor, &v.P50Minor, &v.P95Minor, &v.Author, &v.CreatedAt, &v.sequence)
	if err == nil {
		v.Match, err = matchID(match)
	}
	return v, err
}

// AppendValuations records valuations in one transaction and answers how many were new: one whose id is recorded is
// skipped, so that a repeated activity appends nothing twice.
func (s *Store) AppendValuations(ctx context.Context, valuations []Valuation) (int64, error) {
	rows := make([]gen.AppendValuationParams, len(valuations))
	for i, v := range valuations {
		rows[i] = valuationParams(v)
	}
	var appended int64
	err := s.write(ctx, "append valuations", func(_ pgx.Tx, q *gen.Queries) error {
		appended = 0
		var failed error
		q.AppendValuation(ctx, rows).QueryRow(func(i int, _ string, err error) {
			switch {
			case err == nil:
				appended++
			case !errors.Is(err, pgx.ErrNoRows) && failed == nil:
				failed = fmt.Errorf("valuation %s: %w", rows[i].ID, err)
			}
		})
		return failed
	})
	return appended, err
}

func valuationParams(v Valuation) gen.AppendValuationParams {
	p := gen.AppendValuationParams{
		City: string(v.City), ID: v.ID, Scope: v.Scope, ScopeID: v.ScopeID, Moment: string(v.Moment), Method: v.Method,
		ParametersSha256: v.ParametersSHA256, Formulas: v.Formulas, Inputs: object(v.Inputs), Seed: v.Seed, Result: object(v.Result),
		Currency: string(v.Currency), PriceYear: int32(v.PriceYear), NsvMinor: v.NSVMinor, P5Minor: v.P5Minor,
		P50Minor: v.P50Minor, P95Minor: v.P95Minor, Author: v.Author,
	}
	if v.Match != nil {
		p.Match = optional(v.Match.String())
	}
	return p
}

// Valuation reads one valuation.
func (s *Store) Valuation(ctx context.Context, id city.ID, valuation string) (Valuation, error) {
	var q query
	q.equal("city", string(id))
	q.equal("id", valuation)
	rows, err := list(ctx, s, &q, valuationColumns, "valuation", "id", 1, scanValuation)
	if err != nil || len(rows) == 0 {
		return Valuation{}, found("read valuation "+valuation, int64(len(rows)), err)
	}
	return rows[0].Valuation, nil
}

// Valuations reads a page of a city's valuations, oldest first.
func (s *Store) Valuations(ctx context.Context, id city.ID, f ValuationFilter, page Page) ([]Valuation, string, error) {
	var q query
	q.equal("city", string(id))
	equalIfSet(&q, "scope", f.Scope)
	equalIfSet(&q, "scope_id", f.ScopeID)
	equalIfSet(&q, "moment", f.Moment)
	equalIfSet(&q, "method", f.Method)
	if f.Match != nil {
		q.equal("match", f.Match.String())
	}
	var after int64
	if err := page.read(&after); err != nil {
		return nil, "", err
	}
	q.after("sequence", after)
	rows, err := list(ctx, s, &q, valuationColumns, "valuation", "sequence", page.limit()+1, scanValuation)
	rows, next := paged(rows, page, func(v valuationRow) string { return cursor(v.sequence) })
	valuations := make([]Valuation, len(rows))
	for i, row := range rows {
		valuations[i] = row.Valuation
	}
	return valuations, next, translate("list valuations", err)
}
