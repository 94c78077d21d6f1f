package activities

import (
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// judge says what becomes of a pending decision on a match in its present state; false when its time has not come yet:
// a hand-over announced before the approval arrived waits for it.
func judge(m postgres.Match, decisions []postgres.Decision, d postgres.Decision) (postgres.Verdict, bool) {
	if city.MatchTransitions().Terminal(m.State) {
		return ignored("match is %s", m.State), true
	}
	switch d.Kind {
	case city.DecisionApprove:
		return judgeApproval(m, decisions, d), true
	case city.DecisionReject:
		if m.State != city.MatchProposed {
			return ignored("match is %s: it can be cancelled", m.State), true
		}
		return leadsTo(city.MatchRejected), true
	case city.DecisionCancel:
		if m.State == city.MatchHandedOver {
			return ignored("match is %s", m.State), true
		}
		return leadsTo(city.MatchCancelled), true
	case city.DecisionHandOver:
		switch m.State {
		case city.MatchProposed:
			return postgres.Verdict{}, false
		case city.MatchHandedOver:
			return ignored("match is %s", m.State), true
		}
		return leadsTo(city.MatchHandedOver), true
	case city.DecisionConfirmReceipt:
		return leadsTo(city.MatchConfirmed), m.State == city.MatchHandedOver
	case city.DecisionNoShow:
		return leadsTo(city.MatchFailed), m.State != city.MatchProposed
	}
	return ignored("%s is no decision on a match", d.Kind), true
}

func judgeApproval(m postgres.Match, decisions []postgres.Decision, d postgres.Decision) postgres.Verdict {
	if m.State != city.MatchProposed {
		return ignored("match is %s", m.State)
	}
	missing := missingApprovals(m, decisions)
	switch {
	case d.Party != city.CityHall && !slices.Contains(missing.Sides, d.Party):
		return ignored("the %s is not asked, or has approved", d.Party)
	case d.Party == city.CityHall && missing.CityApprovers == 0:
		return ignored("no approver of the city is missing")
	case d.Party == city.CityHall && sharesPersons(decisions, d):
		return ignored("%s or who is stood for has approved already", d.Actor)
	case d.TypedIn && m.Requirement.CityApprovers > 1:
		return ignored("typed in by an operator, who is never one of %d approvers", m.Requirement.CityApprovers)
	}
	d.Outcome = city.DecisionApplied
	if missingApprovals(m, append(slices.Clone(decisions), d)).Automatic() {
		return leadsTo(city.MatchApproved)
	}
	return postgres.Verdict{Outcome: city.DecisionApplied}
}

// sharesPersons reports whether a person behind d stands behind an approval of the city that was applied.
func sharesPersons(decisions []postgres.Decision, d postgres.Decision) bool {
	return slices.ContainsFunc(decisions, func(o postgres.Decision) bool {
		return o.ID != d.ID && o.Kind == city.DecisionApprove && o.Party == city.CityHall && o.Outcome == city.DecisionApplied &&
			o.SharesPersons(d)
	})
}

// missingApprovals is what the requirement of a match still lacks. Two approvers of the city are two persons, whomever
// they stand for.
func missingApprovals(m postgres.Match, decisions []postgres.Decision) city.Requirement {
	if m.Requirement == nil {
		return city.Requirement{}
	}
	missing := *m.Requirement
	missing.Sides = slices.Clone(missing.Sides)
	var signed []postgres.Decision
	for _, d := range decisions {
		if d.Kind != city.DecisionApprove || d.Outcome != city.DecisionApplied {
			continue
		}
		if d.Party == city.CityHall {
			if !sharesPersons(signed, d) {
				signed = append(signed, d)
			}
		} else {
			missing.Sides = slices.DeleteFunc(missing.Sides, func(p city.Party) bool { return p == d.Party })
		}
	}
	missing.CityApprovers = max(0, missing.CityApprovers-len(signed))
	return missing
}

func leadsTo(state city.MatchState) postgres.Verdict {
	return postgres.Verdict{Outcome: city.DecisionApplied, MatchState: state}
}

func ignored(format string, args ...any) postgres.Verdict {
	return postgres.Verdict{Outcome: city.DecisionIgnored, Reason: fmt.Sprintf(format, args...)}
}
