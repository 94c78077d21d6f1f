package reporting

import (
	"context"
	"strings"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/report"
)

func (a *assembly) matches(ctx context.Context) error {
	c, err := a.Store.MatchCounts(ctx, a.request.City, a.request.Run)
	if err != nil {
		return err
	}
	m := report.Matches{
		Proposed: c.Proposed, ApprovedByPolicy: c.ApprovedByPolicy, ApprovedByPerson: c.ApprovedByPerson, Rejected: c.Rejected,
		Expired: c.Expired, Cancelled: c.Cancelled, Failed: c.Failed, Confirmed: c.Confirmed, Open: c.Open,
	}
	reasons := newTally()
	for page := (postgres.Page{Limit: 500}); ; {
		matches, next, err := a.Store.RunMatches(ctx, a.request.City, a.request.Run, page)
		if err != nil {
			return err
		}
		for _, match := range matches {
			a.byPair[[2]string{string(match.Resource), string(match.Need)}] = match
			if match.AlternativeOf != nil {
				m.Alternatives++
			}
			if match.ApprovedAt != nil && match.Requirement != nil && match.Requirement.CityApprovers > 1 {
				m.ApprovedByTwo++
			}
			if !match.State.Holds() && match.State != city.MatchConfirmed {
				reasons.add(string(match.State) + ": " + match.StateReason)
			}
		}
		if next == "" {
			break
		}
		page.After = next
	}
	m.Reasons = reasons.most(12)
	for i, line := range m.Reasons {
		if state, reason, found := strings.Cut(line.Reason, ": "); found {
			m.Reasons[i].Note = outcomeWords(city.MatchState(state)) + ": " + city.Reason(reason).Words()
		}
	}
	m.Given, err = a.given(ctx)
	a.report.Matches = m
	return err
}

// outcomeWords says in the words of the report how a match ended without a receipt.
func outcomeWords(state city.MatchState) string {
	switch state {
	case city.MatchRejected:
		return "refused"
	case city.MatchFailed:
		return "did not happen"
	}
	return string(state)
}

// given counts the closed list of reasons.
func (a *assembly) given(ctx context.Context) ([]report.ReasonCount, error) {
	counts, err := a.Store.ReasonCounts(ctx, a.request.City, a.request.Run)
	of := map[city.Reason]int64{}
	for _, c := range counts {
		of[c.Reason] = c.Decisions
	}
	given := make([]report.ReasonCount, 0, len(city.Reasons()))
	for _, reason := range city.Reasons() {
		given = append(given, report.ReasonCount{Reason: string(reason), Count: of[reason], Note: reason.Words()})
	}
	return given, err
}

// findings looks into the run's frozen files.
func (a *assembly) findings(ctx context.Context) error {
	rows, err := a.Store.Wards(ctx, a.request.City)
	if err != nil {
		return err
	}
	wards, err := Wards(rows)
	if err != nil {
		return err
	}
	solved, files, err := readRun(ctx, a.Objects, a.record, wards)
	if err != nil {
		return err
	}
	a.report.Proof.SnapshotSHA256 = files.Certificate.SnapshotSHA256
	a.report.Proof.CertificateSHA256, err = hashOf(a.record.Certificate)
	if err != nil {
		return err
	}
	if a.report.Proof.Commands, err = activities.VerifyCommands(a.record.Snapshot, files.Certificate.Tables); err != nil {
		return err
	}
	if err := solved.Describe(ctx, a.report); err != nil {
		return err
	}
	a.fairness()
	a.overrides()
	a.report.Extras.Areas = Areas(wards)
	for i := range a.report.Examples {
		example := &a.report.Examples[i]
		match, found := a.byPair[[2]string{example.Resource, example.Need}]
		if !found {
			continue
		}
		example.Match, example.State = match.ID.String(), string(match.State)
		if a.request.MatchLink != nil {
			example.Link = a.request.MatchLink(match.ID)
		}
	}
	return nil
}

// MostOverrides is how many proposals the report prices a no for: what was refused, then the dearest.
const MostOverrides = 12

// overrides says what became of the proposals that a no is priced for.
func (a *assembly) overrides() {
	var refused, others []report.Override
	for _, line := range a.report.Overrides {
		match, found := a.byPair[[2]string{line.Resource, line.Need}]
		if !found {
			continue
		}
		line.Match, line.State = match.ID.String(), string(match.State)
		if match.State == city.MatchRejected {
			refused = append(refused, line)
		} else {
			others = append(others, line)
		}
	}
	all := append(refused, others...)
	a.report.Overrides = all[:min(len(all), MostOverrides)]
}
