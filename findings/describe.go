package findings

import (
	"cmp"
	"context"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/report"
)

// Describe writes everything that a solved run says into its report.
func (s *Solved) Describe(ctx context.Context, r *report.Report) error {
	r.Listings.ByLeaf = s.ByLeaf()
	r.Map, r.Wards = s.MapPoints(), s.WardShapes()
	r.Run.Greedy, r.Run.FirstCome = s.money(s.Greedy()), s.money(s.FirstCome())
	var err error
	if r.Fairness, err = s.Fairness(ctx); err != nil {
		return err
	}
	if r.Unserved, err = s.Unserved(ctx); err != nil {
		return err
	}
	if r.Scarcity, err = s.Scarcity(ctx); err != nil {
		return err
	}
	if r.Overrides, err = s.Overrides(ctx); err != nil {
		return err
	}
	r.Examples, err = s.Examples(ctx)
	return err
}

// Overrides says of every proposed pair what refusing it costs, the dearest first.
func (s *Solved) Overrides(ctx context.Context) ([]report.Override, error) {
	choices, err := s.Choices(ctx)
	if err != nil {
		return nil, err
	}
	pairs := s.Pairs()
	costs := make([]Cost, len(pairs))
	order := make([]int, len(pairs))
	for i, p := range pairs {
		if costs[i], err = choices.Refuse(p.Need.ID, p.Resource.ID); err != nil {
			return nil, err
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(costs[b].AtMost, costs[a].AtMost) })
	lines := make([]report.Override, len(pairs))
	for i, k := range order {
		p := pairs[k]
		lines[i] = report.Override{
			Resource: string(p.Resource.ID), Need: string(p.Need.ID),
			AtLeast: s.money(costs[k].AtLeast), AtMost: s.money(costs[k].AtMost), OfBound: s.money(costs[k].OfBound),
			Summary: p.describe(),
		}
	}
	return lines, nil
}

func (s *Solved) money(minor int64) string { return city.FormatMinor(minor, s.Snapshot.Currency) }
