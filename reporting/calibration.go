package reporting

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/valuation"
)

// NoCalibration stands where nothing real has been decided yet.
const NoCalibration = "no data: every decision and hand-over here is simulated"

// calibration compares the stated chances of success with what came of the approved matches. What a demonstration made up
// is no outcome.
func (a *assembly) calibration(ctx context.Context, parameters *valuation.Parameters) error {
	var outcomes []valuation.Outcome
	var ids []city.MatchID
	ended := map[city.MatchID]bool{}
	for _, m := range a.byPair {
		if m.State == city.MatchConfirmed || m.State == city.MatchFailed {
			ids = append(ids, m.ID)
			ended[m.ID] = m.State == city.MatchConfirmed
		}
	}
	decisions, err := a.Store.DecisionsOf(ctx, a.request.City, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !real(decisions[id]) {
			continue
		}
		stated, err := parameters.ChanceOfSuccess(id.Leaf)
		if err != nil {
			return err
		}
		outcomes = append(outcomes, valuation.Outcome{Stated: stated, Succeeded: ended[id]})
	}
	result, known, err := valuation.Calibrate(outcomes)
	if err != nil || !known {
		return err
	}
	a.report.Extras.Calibration = &result
	a.report.Valuation.Calibration = fmt.Sprintf("Brier score %.3f over %d real outcomes, of which %.0f %% succeeded",
		result.Brier, result.Outcomes, 100*result.Rate)
	return nil
}

// real says that no decision on a match was made up.
func real(decisions []postgres.Decision) bool {
	for _, d := range decisions {
		if d.Origin == city.Simulated {
			return false
		}
	}
	return len(decisions) > 0
}
