package reporting

import (
	"context"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/valuation"
	value "github.com/city-resource-graph/crg/valuation/report"
)

// Explained computes a recorded valuation once more, as crg value --json shows it: with line items, parameters and
// sources. A run's matches are left out, for each has a record of its own, and so are its parties. A valuation that comes
// out differently now is refused: then only what was recorded can be said of it.
func Explained(ctx context.Context, objects activities.Objects, record postgres.Valuation) (*value.Document, error) {
	valued, rules, err := activities.ReadValued(ctx, objects, record)
	if err != nil {
		return nil, err
	}
	simulation := valuation.Simulation{Seed: uint64(record.Seed), Rules: rules} //nolint:gosec // a seed is any 64 bits
	summary, err := valuation.Portfolio(valued.Parameters, valued.Matches, simulation)
	if err != nil {
		return nil, err
	}
	if err := sameAgain(record, summary); err != nil {
		return nil, err
	}
	document, err := value.NewDocument(valued.Parameters, summary)
	if err != nil {
		return nil, err
	}
	document.InputHash = valuation.InputHash(valued.Matches)
	if record.Scope == string(activities.ScopeRun) {
		document.Matches, document.Parties = []value.MatchRow{}, nil
	}
	return document, nil
}
