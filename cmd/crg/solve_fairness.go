package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
	"github.com/city-resource-graph/crg/matching/fairness"
)

// solveFairness is what crg solve is to see to besides value.
type solveFairness struct {
	floors  []string
	tiers   bool
	weights bool
}

func (f *solveFairness) addFlags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringArrayVar(&f.floors, "floor", nil,
		"the least that the needs of some wards get, as a share of what they want, such as 7,8:30%; may be repeated")
	flags.BoolVar(&f.tiers, "tiers", false, "serve needs strictly in the order of their column tier, the lowest first")
	flags.BoolVar(&f.weights, "weights", false,
		"count what a unit is worth to a need by its column weight, and say what the allocation is worth without")
}

// asked is for what takes more than one solve.
func (f *solveFairness) asked() bool { return f.tiers || len(f.floors) > 0 }

// check refuses what no table could make right.
func (f *solveFairness) check(deadline time.Duration) error {
	switch {
	case f.asked() && deadline > 0:
		return usagef("--deadline: a search that was stopped may not have kept what --floor and --tiers ask for")
	case f.tiers && len(f.floors) > 0:
		return usagef("--floor and --tiers: want one of them, in strict order no floor has a price")
	case len(f.floors) > fairness.MostFloors:
		return usagef("--floor: %d of them, want at most %d", len(f.floors), fairness.MostFloors)
	}
	for _, text := range f.floors {
		if _, _, err := cutFloor(text); err != nil {
			return err
		}
	}
	return nil
}

// cutFloor reads "7,8:30%". The name of a ward may hold a colon.
func cutFloor(text string) (wards []string, share float64, err error) {
	colon := strings.LastIndexByte(text, ':')
	percent, isShare := strings.CutSuffix(text[colon+1:], "%")
	part, err := strconv.ParseFloat(percent, 64)
	if err != nil || !isShare || colon < 0 || !(part >= leastPercent && part <= 100) {
		return nil, 0, usagef("--floor %q: want wards and a share of what their needs want, at least %v and at most 100 %%, such as 7,8:30%%",
			text, leastPercent)
	}
	wards = strings.Split(text[:colon], ",")
	if slices.Contains(wards, "") {
		return nil, 0, usagef("--floor %q: a ward has no name, want wards such as 7,8:30%%", text)
	}
	return wards, part / 100, nil
}

// leastPercent is a millionth, in which shares count.
const leastPercent = 0.0001

// solveFavoured is charges.Solve with floors or in order of service. What it returns is verified.
func (f *solveFlags) solveFavoured(ctx context.Context, in *edgelist.Instance, o matching.Options) (*matching.Solution, edgelist.Favoured, error) {
	debug.SetGCPercent(100) // this is not one solve but several
	var s *matching.Solution
	var favoured edgelist.Favoured
	var err error
	switch {
	case f.favour.tiers && in.Tiers == nil:
		err = usagef("--tiers: %s has no column tier", f.files.Needs)
	case f.favour.tiers:
		s, favoured, err = solveInOrder(ctx, in, o)
	default:
		if favoured.Floors, err = f.readFloors(in); err == nil {
			s, err = solveWithFloors(ctx, in, favoured.Floors, o)
		}
	}
	return s, favoured, err
}

// usageOfNumbers makes numbers that are too large for what was asked a mistake in usage.
func usageOfNumbers(err error) error {
	var overflow *matching.OverflowError
	var worth *fairness.WorthError
	if errors.As(err, &overflow) || errors.As(err, &worth) {
		return usage(err)
	}
	return err
}

// readFloors finds the wards of the floors in the needs.
func (f *solveFlags) readFloors(in *edgelist.Instance) ([]edgelist.Floor, error) {
	if in.Wards == nil {
		return nil, usagef("--floor: %s has no column ward", f.files.Needs)
	}
	var floors []edgelist.Floor
	for _, text := range f.favour.floors {
		wards, share, err := cutFloor(text)
		if err != nil {
			return nil, err
		}
		floor, err := in.Ask(wards, share)
		var unknown *edgelist.WardError
		if errors.As(err, &unknown) {
			if near := city.Nearest(unknown.Ward, in.Wards); near != "" {
				err = fmt.Errorf("%w; did you mean %q?", err, near)
			}
		}
		if err != nil {
			return nil, usagef("--floor %q: %s: %w", text, f.files.Needs, err)
		}
		floors = append(floors, floor)
	}
	return floors, nil
}

// solveWithFloors fills in what the floors come to. Value and bound are without bonuses, the prices with them.
func solveWithFloors(ctx context.Context, in *edgelist.Instance, floors []edgelist.Floor, o matching.Options) (*matching.Solution, error) {
	if largest := fairness.Ceiling(in.Problem) / 4; largest > matching.MaxMagnitude/5 {
		return nil, usagef("--floor: the largest value or charge is %d: a floor's bonus may be four times as much, and the two together at most 2^40; "+
			"scale values and charges down to at most %d, or less where floors compete", largest, matching.MaxMagnitude/5)
	}
	var asked []fairness.Floor
	for k := range floors {
		asked = append(asked, fairness.Floor{Name: strings.Join(floors[k].Wards, ","), Group: in.Group(&floors[k]), Least: floors[k].Least})
	}
	kept, err := fairness.Floors(ctx, in.Problem, asked, o)
	if err != nil {
		return nil, err
	}
	s, bound := kept.Solution, kept.Solution.Bound
	for k, price := range kept.Prices {
		floors[k].Reached, floors[k].Bonus = price.Reached, price.Multiplier
		s.Value += price.Multiplier * price.Reached
		bound -= price.Multiplier * price.Least
	}
	s.Optimal = s.Value == s.Bound
	if err := matching.Verify(in.Rewarded(floors), s); err != nil {
		return nil, fmt.Errorf("the engine's own result does not hold: %w", err)
	}
	for k := range floors {
		s.Value -= floors[k].Bonus * floors[k].Reached
	}
	s.Bound = bound
	s.Optimal = s.Value == s.Bound
	return s, nil
}

// solveInOrder serves tier by tier. Prices and bound are those without the order.
func solveInOrder(ctx context.Context, in *edgelist.Instance, o matching.Options) (*matching.Solution, edgelist.Favoured, error) {
	var favoured edgelist.Favoured
	s, err := charges.Solve(ctx, in.Problem, o)
	if err != nil {
		return nil, favoured, err
	}
	tiered, err := fairness.Tiers(ctx, in.Problem, in.Tiers, o.Workers)
	if err != nil {
		return nil, favoured, err
	}
	s.Flow, s.Value = tiered.Flow, 0
	for _, tier := range tiered.Tiers {
		s.Value += tier.Value
	}
	s.Optimal = s.Value == s.Bound
	if err := matching.Verify(in.Problem, s); err != nil {
		return nil, favoured, fmt.Errorf("the engine's own result does not hold: %w", err)
	}
	favoured.Tiers, favoured.Proofs = edgelist.Order(tiered)
	return s, favoured, nil
}

// weigh lets the values count by the needs' weights.
func (f *solveFlags) weigh(in *edgelist.Instance) (*edgelist.Instance, error) {
	if !f.favour.weights {
		return in, nil
	}
	if in.Weights == nil {
		return nil, usagef("--weights: %s has no column weight", f.files.Needs)
	}
	debug.SetGCPercent(100) // there will be a second solve
	weighted, err := edgelist.Weigh(in, f.files)
	if err != nil {
		return nil, usage(err)
	}
	return weighted, nil
}

// solveUnweighted adds what an allocation found by weight is worth without weights, and proves what any could be.
func solveUnweighted(ctx context.Context, in *edgelist.Instance, flows []matching.EdgeFlow, o matching.Options, favoured *edgelist.Favoured) error {
	s, err := matching.Solve(ctx, in.Unweighted, o)
	if err != nil {
		return err
	}
	s.Flow, s.Value = flows, fairness.Worth(in.Unweighted, flows)
	s.Optimal = s.Value == s.Bound
	if err := matching.Verify(in.Unweighted, s); err != nil {
		return fmt.Errorf("the engine's own result does not hold: %w", err)
	}
	favoured.Unweighted = &edgelist.Unweighted{Value: s.Value, Bound: s.Bound}
	favoured.Proofs = append(favoured.Proofs, edgelist.ProofOfUnweighted(s.NeedPrice, s.ResourcePrice))
	return nil
}

// tellFavoured says what became of weights, floors and tiers.
func tellFavoured(out io.Writer, unweighted *edgelist.Unweighted, floors []edgelist.Floor, tiers []edgelist.Tier) {
	if unweighted != nil {
		fmt.Fprintf(out, "values count by weight: without weights it is worth %d, and no allocation more than %d\n", unweighted.Value, unweighted.Bound)
	}
	for k := range floors {
		f := &floors[k]
		fmt.Fprintf(out, "the floor of %s is kept: they get %d of %d, the last unit costs %d\n", f.Title(), f.Reached, f.Wanted, f.Bonus)
	}
	for _, t := range tiers {
		fmt.Fprintf(out, "tier %d is worth %d of at most %d\n", t.Tier, t.Value, t.Bound)
	}
}
