package findings

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/explain"
	"github.com/city-resource-graph/crg/report"
)

// exampleCount is how many matches a report explains.
const exampleCount = 10

// Examples explains some of the matches: the one worth most of each category, then those worth most of all.
func (s *Solved) Examples(ctx context.Context) ([]report.Example, error) {
	index, err := candidates.NewIndex(s.Snapshot)
	if err != nil {
		return nil, fmt.Errorf("explain matches: %w", err)
	}
	explainer := explain.New(explain.Case{
		Problem: &s.Graph.Problem, Solution: s.Solution, Index: index, Lots: s.Graph.Lots, Tier: s.Graph.Tier,
		Need:     func(i int32) string { return title(&s.Snapshot.Needs[i]) },
		Resource: func(i int32) string { return title(&s.Snapshot.Resources[i]) },
		Money:    func(minor int64) string { return s.money(minor) + " " + string(s.Snapshot.Currency) },
	})
	var examples []report.Example
	for _, p := range s.worthMost() {
		answer, err := explainer.Pair(ctx, s.needs[p.Need.ID], s.resources[p.Resource.ID], false)
		if err != nil {
			return nil, fmt.Errorf("explain %s for %s: %w", p.Resource.ID, p.Need.ID, err)
		}
		examples = append(examples, report.Example{
			Resource: string(p.Resource.ID), Need: string(p.Need.ID),
			Summary: p.describe(),
			Why:     strings.SplitAfter(answer.Sentence, ". "),
		})
	}
	return examples, nil
}

// worthMost picks the examples, in the order in which they are told.
func (s *Solved) worthMost() []Pair {
	pairs := s.Pairs()
	plain := s.plain()
	net := func(p Pair) int64 {
		worth := p.Quantity * plain.Edges[p.Edge].Value
		if s.Graph.Charges != nil {
			worth -= s.Graph.Charges[p.Edge]
		}
		return worth
	}
	slices.SortStableFunc(pairs, func(a, b Pair) int { return cmp.Or(cmp.Compare(net(b), net(a)), cmp.Compare(a.Edge, b.Edge)) })
	var first, rest []Pair
	seen := map[city.Leaf]bool{}
	for _, p := range pairs {
		if seen[p.Resource.Leaf] {
			rest = append(rest, p)
			continue
		}
		seen[p.Resource.Leaf] = true
		first = append(first, p)
	}
	return slices.Concat(first, rest)[:min(exampleCount, len(pairs))]
}

// title names a listing for people: what it is, and the id of whose it is. Names of persons are nowhere in a snapshot.
func title(l *candidates.Listing) string {
	if l.Title == "" {
		return string(l.ID)
	}
	return fmt.Sprintf("%s (%s)", l.Title, l.Holder)
}
