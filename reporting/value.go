package reporting

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/report"
	"github.com/city-resource-graph/crg/valuation"
	value "github.com/city-resource-graph/crg/valuation/report"
)

// valuation computes the recorded value of what was received once more and refuses one that comes out differently.
func (a *assembly) valuation(ctx context.Context) error {
	record, found, err := a.latest(ctx, postgres.ExPost)
	if err != nil || !found {
		return err
	}
	parameters, valued, summary, err := a.again(ctx, record)
	if err != nil {
		return err
	}
	a.valued = valued
	if err := Summarise(a.report, parameters, summary); err != nil {
		return err
	}
	if err := a.names(ctx, summary.Parties); err != nil {
		return err
	}
	a.report.Proof.ParametersSHA256, a.report.Proof.Seed = record.ParametersSHA256, record.Seed
	a.report.Valuation.ExAnteP50 = "" // what was received is not what was expected
	if err := a.calibration(ctx, parameters); err != nil {
		return err
	}
	expected, found, err := a.latest(ctx, postgres.ExAnte)
	if err != nil || !found {
		return err
	}
	_, _, proposed, err := a.again(ctx, expected)
	if err != nil {
		return err
	}
	a.report.Valuation.ExAnteP50 = a.money(proposed.Total.ExpectedRange.P50)
	change, err := Difference(ctx, a.Objects, expected, record)
	if err != nil {
		return err
	}
	a.report.Extras.Change, a.report.Valuation.Difference = &change, a.difference(change)
	return nil
}

// names looks up what the parties are called.
func (a *assembly) names(ctx context.Context, parties []valuation.PartyAccount) error {
	var known []city.Participant
	for part := range slices.Chunk(parties, 5000) {
		ids := make([]city.ParticipantID, len(part))
		for i, party := range part {
			ids[i] = party.Participant
		}
		found, err := a.Store.Participants(ctx, a.request.City, ids)
		if err != nil {
			return err
		}
		for _, p := range found {
			known = append(known, p.Participant)
		}
	}
	NameParties(a.report, known)
	return nil
}

// NameParties tells the report what participants are called, but for private persons.
func NameParties(r *report.Report, known []city.Participant) {
	r.Extras.Names = map[city.ParticipantID]string{}
	for _, p := range known {
		if p.Kind != city.Person {
			r.Extras.Names[p.ID] = p.Name
		}
	}
}

// difference is an explanation in the words of the report.
func (a *assembly) difference(change valuation.Explanation) *report.Difference {
	d := &report.Difference{Before: a.money(change.Before), After: a.money(change.After), Change: a.money(change.Change)}
	for _, cause := range change.Causes {
		d.Causes = append(d.Causes, report.Line{Name: value.CauseName(cause), Amount: a.money(cause.Amount)})
	}
	return d
}

// again repeats a recorded valuation, by the method that it names.
func (a *assembly) again(ctx context.Context, record postgres.Valuation) (*valuation.Parameters, []valuation.Match, *valuation.Summary, error) {
	valued, rules, err := activities.ReadValued(ctx, a.Objects, record)
	if err != nil {
		return nil, nil, nil, err
	}
	simulation := valuation.Simulation{Seed: uint64(record.Seed), Rules: rules} //nolint:gosec // a seed is any 64 bits
	summary, err := valuation.Portfolio(valued.Parameters, valued.Matches, simulation)
	if err != nil {
		return nil, nil, nil, err
	}
	return valued.Parameters, valued.Matches, summary, sameAgain(record, summary)
}

// sameAgain refuses a recorded valuation that this program does not repeat. One of other formulas is refused whatever it
// comes to; one of before formulas had a version has to come to the same.
func sameAgain(record postgres.Valuation, again *valuation.Summary) error {
	if record.Formulas != "" && record.Formulas != again.Formulas {
		return fmt.Errorf("valuation %s: recorded by formulas %s, this program has %s: value it again", record.ID, record.Formulas, again.Formulas)
	}
	if again.Total.NSV != record.NSVMinor {
		return fmt.Errorf("valuation %s: recorded %s, computed again %s", record.ID, city.FormatMinor(record.NSVMinor, record.Currency),
			city.FormatMinor(again.Total.NSV, record.Currency))
	}
	return nil
}

// latest is the newest record of a run at a moment by the report's own method: a published report pins its version.
func (a *assembly) latest(ctx context.Context, moment postgres.Moment) (newest postgres.Valuation, found bool, err error) {
	filter := postgres.ValuationFilter{Scope: string(activities.ScopeRun), ScopeID: string(a.request.Run), Moment: moment, Method: a.Parameters.Version}
	for page := (postgres.Page{Limit: 100}); ; {
		records, next, err := a.Store.Valuations(ctx, a.request.City, filter, page)
		if err != nil {
			return newest, false, err
		}
		if len(records) > 0 {
			newest, found = records[len(records)-1], true
		}
		if next == "" {
			return newest, found, nil
		}
		page.After = next
	}
}

// Summarise writes a valuation and its headline figures into a report.
func Summarise(r *report.Report, p *valuation.Parameters, s *valuation.Summary) error {
	document, err := value.NewDocument(p, s)
	if err != nil {
		return err
	}
	money := func(minor int64) string { return city.FormatMinor(minor, s.Currency) }
	t := s.Total
	v := report.Valuation{
		Currency: string(s.Currency), PriceYear: s.PriceYear, Method: s.Method, NSV: money(t.NSV), NSVP5: money(t.Range.P5),
		NSVP50: money(t.Range.P50), NSVP95: money(t.Range.P95), Positive: t.Range.ProbabilityUp, Gross: money(t.Gross),
		Attributed: money(t.Attributed), Estimated: t.Estimated, ByOrigin: map[string]string{}, ExAnteP50: money(t.ExpectedRange.P50),
		Physical:    report.Physical{TonnesCO2e: t.CO2eTonnes, Meals: t.Meals},
		Calibration: NoCalibration, ByQuality: map[string]string{},
	}
	for _, account := range []struct {
		name  string
		minor int64
	}{
		{"giver", t.Accounts.Giver},
		{"receiver", t.Accounts.Receiver},
		{"city", t.Accounts.City},
		{"environment", t.Accounts.Environment},
		{"platform", t.Accounts.Platform},
	} {
		v.Accounts = append(v.Accounts, report.Line{Name: account.name, Amount: money(account.minor)})
	}
	for _, group := range s.Groups[valuation.ByQuality] {
		v.ByQuality[group.Key] = money(group.NSV)
	}
	for _, view := range t.Equity {
		v.Equity = append(v.Equity, report.Line{Name: "elasticity " + strconv.FormatFloat(view.Elasticity, 'f', 1, 64), Amount: money(view.NSV)})
	}
	for _, group := range s.Groups[valuation.ByOrigin] {
		v.ByOrigin[group.Key] = money(group.NSV)
	}
	for _, group := range s.Groups[valuation.ByClass] {
		if group.Key == string(city.Food) {
			v.Physical.FoodKilograms = group.Kg
		}
	}
	if n := len(t.Equity); n > 0 {
		v.Weighted = money(t.Equity[n-1].NSV)
		v.Elasticity = "receivers weighted by income, elasticity " + strconv.FormatFloat(t.Equity[n-1].Elasticity, 'g', 3, 64) +
			", capped; by the income of the area where that of the receiver is not known"
	}
	for _, row := range document.Matches {
		if row.Unit == city.Piece {
			v.Physical.Pieces += int64(row.Quantity)
		}
	}
	r.Valuation, r.Value = v, document
	r.Extras.Title = "What the matches of " + r.City.Name + " were worth"
	if r.Preview {
		r.Extras.Title = "What the proposals for " + r.City.Name + " are expected to be worth"
	}
	r.Proof.Draws, r.Proof.ParametersSHA256, r.Proof.Formulas = s.Draws, p.Hash, s.Formulas
	return nil
}

// hashOf is the SHA-256 in a stored reference.
func hashOf(reference json.RawMessage) (string, error) {
	var ref activities.Ref
	err := json.Unmarshal(reference, &ref)
	return ref.SHA256, err
}
