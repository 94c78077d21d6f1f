package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/findings"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/reporting"
)

// A work list waits this long for costs that are not known yet; the next look at it has them.
const patienceForCosts = 2 * time.Second

// othersEach is how many other pairs of each side an override's answer names.
const othersEach = 3

// GetOverride says what deciding against a proposal would cost, before anybody decides.
func (s *server) GetOverride(ctx context.Context, request wire.GetOverrideRequestObject) (wire.GetOverrideResponseObject, error) {
	caller, p := callerOf(ctx), request.Params
	match, err := s.visibleMatch(ctx, request.Match)
	if err != nil {
		return nil, err
	}
	currency, err := s.currency(ctx, caller.City)
	if err != nil {
		return nil, err
	}
	choices, err := s.choicesOf(ctx, match)
	if err != nil {
		return nil, err
	}
	answer := wire.Override{Match: match.ID.String(), Run: string(match.ID.Run), Instead: []wire.ForcedPair{}}
	if p.Need != "" || p.Resource != "" {
		forced := findings.Forced{Need: match.Need, Resource: match.Resource}
		if p.Need != "" {
			forced.Need = city.ListingID(p.Need)
		}
		if p.Resource != "" {
			forced.Resource = city.ListingID(p.Resource)
		}
		if forced.Cost, err = choices.Force(forced.Need, forced.Resource, match.Quantity); err != nil {
			return nil, overrideProblem(match, err)
		}
		answer.Instead = append(answer.Instead, forcedPair(forced, match.Unit, currency))
		return wire.GetOverride200JSONResponse(answer), nil
	}
	cost, err := choices.Refuse(match.Need, match.Resource)
	if err != nil {
		return nil, overrideProblem(match, err)
	}
	refusing := overrideCost(cost, currency)
	refusing.Sentence = refusalSentence(cost, match.Unit, currency)
	answer.Refusing = &refusing
	others, err := choices.Others(match.Need, match.Resource, othersEach)
	if err != nil {
		return nil, overrideProblem(match, err)
	}
	for _, other := range others {
		answer.Instead = append(answer.Instead, forcedPair(other, match.Unit, currency))
	}
	return wire.GetOverride200JSONResponse(answer), nil
}

// choicesOf prepares the run that proposed a match.
func (s *server) choicesOf(ctx context.Context, match postgres.Match) (*findings.Choices, error) {
	if s.objects == nil {
		return nil, waiting(away, "the API has no object storage, where the run's files are")
	}
	choices, err := s.choices.Of(ctx, match.City, match.ID.Run)
	if err != nil {
		return nil, overrideProblem(match, err)
	}
	return choices, nil
}

// refusals answers, match by match, what saying no would cost, or why that is not known. A work list is never held up by
// it: approvals do not depend on object storage.
func (s *server) refusals(ctx context.Context, matches []postgres.Match) func(postgres.Match, city.Currency) (*wire.OverrideCost, string) {
	within, cancel := context.WithTimeout(ctx, patienceForCosts)
	defer cancel()
	type prepared struct {
		choices *findings.Choices
		err     error
	}
	runs := map[city.RunID]prepared{}
	for _, match := range matches {
		if _, known := runs[match.ID.Run]; !known {
			choices, err := s.choicesOf(within, match)
			runs[match.ID.Run] = prepared{choices, err}
		}
	}
	seesMoves := callerOf(ctx).seesAll()
	return func(match postgres.Match, currency city.Currency) (*wire.OverrideCost, string) {
		run := runs[match.ID.Run]
		if run.err != nil {
			return nil, asProblem(run.err).detail
		}
		cost, err := run.choices.Refuse(match.Need, match.Resource)
		if err != nil {
			return nil, asProblem(overrideProblem(match, err)).detail
		}
		answer := overrideCost(cost, currency)
		answer.Sentence = refusalSentence(cost, match.Unit, currency)
		if !seesMoves { // whom it would go to instead is nothing for the sides
			answer.Moves = []wire.PairMove{}
		}
		return &answer, ""
	}
}

// overrideProblem says why a cost is not known.
func overrideProblem(match postgres.Match, err error) error {
	switch {
	case errors.Is(err, reporting.ErrNotReady):
		return waiting(away, "the run's files are being read; ask again in a moment")
	case errors.Is(err, reporting.ErrTooLarge):
		return refused.because("%v: crg explain answers from its files", err)
	case errors.Is(err, findings.ErrNotProposed):
		return refused.because("the run's certificate does not cover match %s: it is an alternative that was found after the run", match.ID)
	case errors.Is(err, findings.ErrNotCandidate):
		return refused.because("%v: a filter removed it, or it is not in the run's snapshot", err)
	case errors.Is(err, activities.ErrNoRunFiles):
		return refused.because("run %s has left no certificate: it has not completed, or its files are gone", match.ID.Run)
	}
	return err
}

func forcedPair(f findings.Forced, unit city.Unit, currency city.Currency) wire.ForcedPair {
	cost := overrideCost(f.Cost, currency)
	perUnit := money(f.Cost.PerUnit, currency)
	cost.PerUnit, cost.ValidFor = &perUnit, f.Cost.ValidFor
	cost.Sentence = fmt.Sprintf("Giving %d %s of %s to %s costs %s.%s", f.Cost.Quantity, unit, f.Resource, f.Need, between(f.Cost, currency),
		favoursSentence(f.Cost, currency))
	return wire.ForcedPair{Resource: string(f.Resource), Need: string(f.Need), Cost: cost}
}

func overrideCost(cost findings.Cost, currency city.Currency) wire.OverrideCost {
	answer := wire.OverrideCost{
		Quantity: cost.Quantity, AtLeast: money(cost.AtLeast, currency), AtMost: money(cost.AtMost, currency), OfBound: money(cost.OfBound, currency),
		Strict: cost.Strict, Moves: make([]wire.PairMove, len(cost.Instead)),
	}
	for i, move := range cost.Instead {
		answer.Moves[i] = wire.PairMove{Resource: string(move.Resource), Need: string(move.Need), Before: move.Before, After: move.After}
	}
	for _, lack := range cost.Floors {
		answer.Floors = append(answer.Floors, wire.FloorLack{Floor: lack.Title, Units: lack.Units, Bonus: money(lack.Minor, currency)})
	}
	for _, tier := range cost.Tiers {
		answer.Tiers = append(answer.Tiers, wire.TierChange{Urgency: int(tier.Urgency), Change: money(tier.Minor, currency)})
	}
	return answer
}

func refusalSentence(cost findings.Cost, unit city.Unit, currency city.Currency) string {
	return fmt.Sprintf("Saying no to these %d %s costs the city %s.%s", cost.Quantity, unit, between(cost, currency), favoursSentence(cost, currency))
}

func between(cost findings.Cost, currency city.Currency) string {
	least, most := city.FormatMinor(cost.AtLeast, currency), city.FormatMinor(cost.AtMost, currency)
	switch {
	case cost.AtMost == 0 && len(cost.Tiers) > 0:
		return "nothing in value"
	case cost.AtMost == 0:
		return "nothing: there is something just as good"
	case cost.AtLeast == cost.AtMost:
		return fmt.Sprintf("exactly %s %s", least, currency)
	}
	return fmt.Sprintf("at most %s %s, and at least %s", most, currency, least)
}

// favoursSentence says what a choice does to the floors or the order of its run; nothing where it does nothing to them.
func favoursSentence(cost findings.Cost, currency city.Currency) string {
	text := ""
	for _, lack := range cost.Floors {
		text += fmt.Sprintf(" %s %s of it is for %d units that the floor of %s would lack.",
			city.FormatMinor(lack.Minor, currency), currency, lack.Units, lack.Title)
	}
	for k, tier := range cost.Tiers {
		if k == 0 {
			text += " The run serves strictly by urgency, which no value makes up for:"
		} else {
			text += ","
		}
		verb, minor := "gain", tier.Minor
		if minor < 0 {
			verb, minor = "lose", -minor
		}
		text += fmt.Sprintf(" needs of urgency %d %s %s %s", tier.Urgency, verb, city.FormatMinor(minor, currency), currency)
	}
	if len(cost.Tiers) > 0 {
		text += "."
	}
	return text
}
