package reporting

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/report"
	"github.com/city-resource-graph/crg/valuation"
	value "github.com/city-resource-graph/crg/valuation/report"
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
	if err := a.attempts(ctx, parameters); err != nil {
		return err
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

// attempts holds the stated chances against what the city's own records say came of such attempts.
func (a *assembly) attempts(ctx context.Context, parameters *valuation.Parameters) error {
	past, err := a.Store.PastAttempts(ctx, a.request.City)
	for len(past) > 0 && err == nil {
		n := 1
		for n < len(past) && past[n].What == past[0].What && past[n].Leaf == past[0].Leaf {
			n++
		}
		var scored value.Attempts
		if scored, err = Attempts(parameters, past[:n]); err == nil {
			a.report.Extras.Attempts = append(a.report.Extras.Attempts, scored)
			a.report.Valuation.Attempts = append(a.report.Valuation.Attempts, report.Attempts{
				What: scored.What, Attempts: scored.Stated.Outcomes, Succeeded: scored.Stated.Rate,
				Stated: scored.Stated.Bins[0].MeanStated, Brier: scored.Stated.Brier, BrierLearned: scored.Learned.Brier,
			})
		}
		past = past[n:]
	}
	return err
}

// Attempts scores the chance that the method states of a category, and the chances learned ward by ward, by past attempts
// of one kind, of which there is at least one.
func Attempts(parameters *valuation.Parameters, past []postgres.PastAttempt) (value.Attempts, error) {
	scored := value.Attempts{What: past[0].What}
	chance, err := parameters.ChanceOfSuccess(past[0].Leaf)
	if err != nil {
		return scored, err
	}
	attempts, constant := make([]valuation.Attempt, len(past)), make([]valuation.Outcome, len(past))
	for i, p := range past {
		attempts[i] = valuation.Attempt{Group: p.Ward, Succeeded: p.Succeeded}
		constant[i] = valuation.Outcome{Stated: chance, Succeeded: p.Succeeded}
	}
	if scored.Stated, _, err = valuation.Calibrate(constant); err != nil {
		return scored, err
	}
	scored.Learned, _, err = valuation.Calibrate(valuation.Foretell(chance, attempts))
	return scored, err
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
