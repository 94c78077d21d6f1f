package findings

import (
	"context"

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
	r.Examples, err = s.Examples(ctx)
	return err
}

func (s *Solved) money(minor int64) string { return city.FormatMinor(minor, s.Snapshot.Currency) }
