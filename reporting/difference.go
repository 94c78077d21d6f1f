package reporting

import (
	"context"
	"errors"
	"fmt"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/valuation"
)

// ErrOtherScope says that two valuations are not of the same thing.
var ErrOtherScope = errors.New("the valuations are of different scopes")

// Difference explains to the cent why a later valuation of a scope differs from an earlier one. Both are read back from
// what they were computed from; a later one that would come out differently now is refused.
func Difference(ctx context.Context, objects activities.Objects, before, after postgres.Valuation) (valuation.Explanation, error) {
	if before.Scope != after.Scope || before.ScopeID != after.ScopeID {
		return valuation.Explanation{}, fmt.Errorf("%s is of %s %s, %s of %s %s: %w", before.ID, before.Scope, before.ScopeID,
			after.ID, after.Scope, after.ScopeID, ErrOtherScope)
	}
	earlier, _, err := activities.ReadValued(ctx, objects, before)
	if err != nil {
		return valuation.Explanation{}, err
	}
	later, _, err := activities.ReadValued(ctx, objects, after)
	if err != nil {
		return valuation.Explanation{}, err
	}
	change, err := valuation.Difference(earlier, later)
	if err != nil {
		return valuation.Explanation{}, err
	}
	if change.Before != before.NSVMinor || change.After != after.NSVMinor {
		return valuation.Explanation{}, fmt.Errorf("valuations %s and %s: recorded %d and %d by formulas %q and %q, computed again %d and %d by %q",
			before.ID, after.ID, before.NSVMinor, after.NSVMinor, before.Formulas, after.Formulas, change.Before, change.After, valuation.Formulas)
	}
	return change, nil
}
