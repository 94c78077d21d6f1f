package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/valuation"
)

// SnapshotStore is what a snapshot is read from.
type SnapshotStore interface {
	CityStore
	Wards(ctx context.Context, id city.ID) ([]postgres.Ward, error)
	OpenListings(ctx context.Context, id city.ID, scope postgres.Scope, yield func(postgres.Listing) error) error
	Participants(ctx context.Context, id city.ID, ids []city.ParticipantID) ([]postgres.Participant, error)
	Stock(ctx context.Context, id city.ID, scope postgres.Scope, yield func(postgres.Listing) error) ([]postgres.Holding, error)
	ForbiddenPairs(ctx context.Context, id city.ID) ([]postgres.Pair, error)
}

// Freezer takes snapshots of what a city has open, with everything that the engine needs to score it.
type Freezer struct {
	Store      SnapshotStore
	Parameters *valuation.Parameters // what a unit is worth and what a trip costs
	Affinities *Affinities           // nil: whom the graph knows does not count
	Now        func() time.Time
}

// travel is how long a trip takes: roads are 1.3 times as long as the straight line, and a van in a city makes 30 km/h.
var travel = candidates.Travel{SecondsPerKm: 156}

// Freeze reads the open listings in the run's scope; keep may leave out some. What matches hold is not for the taking.
func (f *Freezer) Freeze(ctx context.Context, in RunRef, keep func(postgres.Listing) bool) (*candidates.Snapshot, error) {
	return f.freeze(ctx, in, keep == nil, func(ctx context.Context, s *candidates.Snapshot) error {
		return f.Store.OpenListings(ctx, in.City, in.scope(), func(l postgres.Listing) error {
			if keep == nil || keep(l) {
				in.enter(s, l)
			}
			return nil
		})
	})
}

// FreezeStock is Freeze for a run that may find a better use for what is only proposed: the open proposals' quantities
// are for the taking, too, with a pin that favours the pair they are promised to, and what somebody has agreed to is
// pinned as it is.
func (f *Freezer) FreezeStock(ctx context.Context, in RunRef) (*candidates.Snapshot, error) {
	return f.freeze(ctx, in, true, func(ctx context.Context, s *candidates.Snapshot) error {
		holdings, err := f.Store.Stock(ctx, in.City, in.scope(), func(l postgres.Listing) error {
			in.enter(s, l)
			return nil
		})
		pinHoldings(s, holdings)
		return err
	})
}

// freeze takes what list gives; whole says that this is a run, which asks the graph, and not a look at a part of one.
func (f *Freezer) freeze(
	ctx context.Context, in RunRef, whole bool, list func(context.Context, *candidates.Snapshot) error,
) (*candidates.Snapshot, error) {
	row, err := f.Store.City(ctx, in.City)
	if err != nil {
		return nil, err
	}
	s := &candidates.Snapshot{
		Version: candidates.SnapshotVersion, City: in.City, Run: in.Run, Now: row.Clock.Now(f.Now()),
		Plane: city.Plane{Centre: row.Centre}, Currency: row.Currency, PriceYear: f.Parameters.PriceYear,
		Scoring: candidates.NeutralScoring(), Travel: travel,
	}
	if f.Parameters.Currency != row.Currency {
		return nil, fmt.Errorf("%w: city %s counts in %s, method %s in %s", errInvalid, in.City, row.Currency, f.Parameters.Version, f.Parameters.Currency)
	}
	if len(row.Scoring) > 0 {
		if err := json.Unmarshal(row.Scoring, &s.Scoring); err != nil {
			return nil, fmt.Errorf("%w: scoring of city %s: %w", errInvalid, in.City, err)
		}
	}
	for _, fill := range []func(context.Context, *candidates.Snapshot) error{list, dropEmpty, f.addHolders, f.addWards, f.addPins, f.addUnitValues} {
		if err := fill(ctx, s); err != nil {
			return nil, err
		}
	}
	if err := f.Affinities.add(ctx, s, whole); err != nil {
		return nil, err
	}
	s.Canonicalise()
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", errInvalid, err)
	}
	return s, nil
}

// addHolders tells the kinds of the holders, which decide who may take a resource.
func (f *Freezer) addHolders(ctx context.Context, s *candidates.Snapshot) error {
	var ids []city.ParticipantID
	for _, list := range [][]candidates.Listing{s.Resources, s.Needs} {
		for _, l := range list {
			ids = append(ids, l.Holder)
		}
	}
	kinds, err := kindsOf(ctx, f.Store, s.City, ids)
	if err != nil {
		return err
	}
	for _, list := range [][]candidates.Listing{s.Resources, s.Needs} {
		for i := range list {
			list[i].HolderKind = kinds[list[i].Holder]
		}
	}
	return nil
}

// addWards adds the equity weights where the scoring asks for them.
func (f *Freezer) addWards(ctx context.Context, s *candidates.Snapshot) error {
	if s.Scoring.Equity.Elasticity == 0 {
		return nil
	}
	wards, err := f.Store.Wards(ctx, s.City)
	if err != nil {
		return err
	}
	income := map[string]float64{}
	for _, ward := range wards {
		if ward.MedianIncome != nil {
			income[ward.ID] = float64(*ward.MedianIncome) * majorUnit(s.Currency)
		}
	}
	s.Wards = s.Scoring.Equity.WardWeights(f.Parameters.Equity.Reference.Central, income)
	return nil
}

// addPins forbids the pairs that said no or failed before.
func (f *Freezer) addPins(ctx context.Context, s *candidates.Snapshot) error {
	pairs, err := f.Store.ForbiddenPairs(ctx, s.City)
	if err != nil {
		return err
	}
	there := placesOf(s)
	for _, pair := range pairs {
		if there[pair.Resource] != nil && there[pair.Need] != nil {
			s.Pins = append(s.Pins, candidates.Pin{Resource: pair.Resource, Need: pair.Need, Kind: candidates.PinForbidden})
		}
	}
	return nil
}

func (f *Freezer) addUnitValues(_ context.Context, s *candidates.Snapshot) error {
	seen := map[city.Leaf]bool{}
	for _, resource := range s.Resources {
		if seen[resource.Leaf] {
			continue
		}
		seen[resource.Leaf] = true
		value, err := UnitValue(f.Parameters, resource.Leaf)
		if err != nil {
			return err
		}
		s.UnitValues = append(s.UnitValues, value)
	}
	return nil
}
