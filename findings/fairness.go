package findings

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/fairness"
	"github.com/city-resource-graph/crg/report"
)

// Fairness says which part of the food reaches the wards with the lowest incomes, and what a larger part would cost: the
// curve of share against loss, over bonuses per kilogram that such needs would get.
func (s *Solved) Fairness(ctx context.Context) (report.Fairness, error) {
	f := report.Fairness{ByWard: s.ByWard()}
	focus := s.poorest()
	if len(focus) == 0 {
		return f, nil
	}
	var people, everybody, food, allFood int64
	for _, ward := range f.ByWard {
		everybody += ward.Population
		allFood += ward.FoodKg
		if slices.Contains(focus, ward.Ward) {
			people += ward.Population
			food += ward.FoodKg
		}
	}
	if everybody == 0 || allFood == 0 {
		return f, nil
	}
	f.Focus, f.PeopleShare, f.FoodShare = focus, float64(people)/float64(everybody), float64(food)/float64(allFood)
	var err error
	f.Curve, err = s.curve(ctx, focus)
	return f, err
}

// poorest is the quarter of the wards whose median income is lowest, those without a known income left out.
func (s *Solved) poorest() []string {
	var known []Ward
	for _, ward := range s.Wards {
		if ward.MedianIncome > 0 {
			known = append(known, ward)
		}
	}
	slices.SortFunc(known, func(a, b Ward) int {
		return cmp.Or(cmp.Compare(a.MedianIncome, b.MedianIncome), cmp.Compare(a.ID, b.ID))
	})
	var ids []string
	for _, ward := range known[:len(known)/4] {
		ids = append(ids, ward.ID)
	}
	slices.Sort(ids)
	return ids
}

func (s *Solved) curve(ctx context.Context, focus []string) ([]report.CurvePoint, error) {
	question := fairness.Question{
		Problem: s.plain(),
		Group:   func(need int32) bool { return slices.Contains(focus, s.Snapshot.Needs[need].Ward) },
		Counts:  func(resource int32) bool { return isFood(s.Snapshot.Resources[resource].Leaf) },
	}
	points, err := fairness.Curve(ctx, question, []int64{1, 2, 5, 10, 20, 50, 100}, 0)
	if err != nil {
		return nil, fmt.Errorf("price of fairness: %w", err)
	}
	curve := make([]report.CurvePoint, 0, len(points))
	for _, p := range points {
		loss := 0.0
		if base := p.Value + p.Loss; base > 0 {
			loss = float64(max(p.Loss, 0)) / float64(base)
		}
		curve = append(curve, report.CurvePoint{Bonus: s.money(p.Bonus), Share: p.Share(), Loss: loss})
	}
	return curve, nil
}

func isFood(leaf city.Leaf) bool { return leaf.Class() == city.Food }
