package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Recurrence says how a run follows the ones before it: where its search began, what it kept, and what keeping cost.
// Amounts are minor units. The keys are written step by step; what is not known yet is left out.
type Recurrence struct {
	From    city.RunID `json:"from,omitempty"`    // the run on whose basis it began; empty: there was none
	Warm    bool       `json:"warm,omitempty"`    // it did begin there
	Problem string     `json:"problem,omitempty"` // why it began cold although there was a basis
	Pivots  int64      `json:"pivots,omitempty"`  // basis changes of the search

	Fixed     int64 `json:"fixed,omitempty"`     // matches that somebody has agreed to: pinned
	Forbidden int64 `json:"forbidden,omitempty"` // pairs that were refused
	Open      int64 `json:"open,omitempty"`      // proposals of earlier runs that it was free to replace

	// Of the open proposals, by pair: kept as they were, given another quantity, dropped. Added are new pairs.
	Kept    int64 `json:"kept,omitempty"`
	Changed int64 `json:"changed,omitempty"`
	Dropped int64 `json:"dropped,omitempty"`
	Added   int64 `json:"added,omitempty"`

	Stability   float64 `json:"stability,omitempty"`     // share of its score that an open proposal gains
	BonusMinor  int64   `json:"bonus_minor,omitempty"`   // part of bound and achieved that is this bonus
	FreeDropped *int64  `json:"free_dropped,omitempty"`  // how many pairs would be dropped without it
	PriceMinor  *int64  `json:"price_minor,omitempty"`   // what keeping cost: the value found without the bonus, less the value with it
	PriceAtMost *int64  `json:"price_at_most,omitempty"` // the bound without the bonus, less the value with it: proven
	Superseded  int64   `json:"superseded,omitempty"`    // matches that ended for it
}

// LastBasis finds the basis that the last completed run of the same city and scope left. No run is no error: the id is
// empty then.
func (s *Store) LastBasis(ctx context.Context, id city.ID, scope Scope, run city.RunID) (city.RunID, json.RawMessage, error) {
	text, err := json.Marshal(scope)
	if err != nil {
		return "", nil, fmt.Errorf("scope of run %s: %w", run, err)
	}
	rows, err := s.q.LastBasis(ctx, gen.LastBasisParams{City: string(id), Scope: text, Run: string(run)})
	if err != nil || len(rows) == 0 {
		return "", nil, translate(fmt.Sprintf("find the basis before run %s", run), err)
	}
	return city.RunID(rows[0].ID), rows[0].Basis, nil
}
