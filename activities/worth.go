package activities

import (
	"context"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/valuation"
)

// WorthStore is what a match is described from for its valuation.
type WorthStore interface {
	Listings(ctx context.Context, id city.ID, ids []city.ListingID) ([]postgres.Listing, error)
	Participants(ctx context.Context, id city.ID, ids []city.ParticipantID) ([]postgres.Participant, error)
	Wards(ctx context.Context, id city.ID) ([]postgres.Ward, error)
}

func wardIncomes(store WorthStore) func(context.Context, city.ID) (map[string]int64, error) {
	return func(ctx context.Context, id city.ID) (map[string]int64, error) {
		wards, err := store.Wards(ctx, id)
		incomes := map[string]int64{}
		for _, ward := range wards {
			if ward.MedianIncome != nil {
				incomes[ward.ID] = *ward.MedianIncome
			}
		}
		return incomes, err
	}
}

// describe says of each match what the valuation has to know: ex-ante what was promised, ex-post what was measured.
func (v *Values) describe(ctx context.Context, id city.ID, matches []postgres.Match, moment Moment) ([]valuation.Match, error) {
	listings, err := v.listings(ctx, id, matches)
	if err != nil {
		return nil, err
	}
	kinds, err := v.kinds(ctx, id, matches)
	if err != nil {
		return nil, err
	}
	incomes, err := v.incomes.of(ctx, id)
	if err != nil {
		return nil, err
	}
	madeUp, err := v.madeUp(ctx, id, matches, moment)
	if err != nil {
		return nil, err
	}
	described := make([]valuation.Match, len(matches))
	for i, m := range matches {
		resource, need := listings[m.Resource], listings[m.Need]
		if resource.ID == "" || need.ID == "" {
			return nil, fmt.Errorf("listings of match %s: %w", m.ID, postgres.ErrNotFound)
		}
		d := valuation.Match{
			ID: m.ID.String(), Category: m.ID.Leaf, Origin: m.Origin, Run: string(m.ID.Run), Ward: m.Ward,
			Period: m.CreatedAt.Format("2006-01"), Giver: m.Giver, Receiver: m.Receiver,
			GiverKind: kinds[m.Giver], ReceiverKind: kinds[m.Receiver],
			Overrides: map[valuation.Name]float64{valuation.DistanceKm: float64(m.DistanceM) / 1000},
		}
		if resource.Resource != nil {
			d.Overrides[valuation.Condition] = resource.Resource.Condition
		}
		if income := need.AreaIncome(); income > 0 {
			d.ReceiverIncome, d.IncomeBasis = income, "area"
		} else if income := incomes[m.Ward]; income > 0 {
			d.ReceiverIncome, d.IncomeBasis = float64(income)*majorUnit(v.parameters.Currency), "area"
		}
		quantify(&d, m, resource, need)
		if moment == ExPost {
			d.Overrides[valuation.Success] = 1 // it came about
		}
		if moment == ExPost && m.MeasuredQuantity != nil {
			d.Quantity = float64(*m.MeasuredQuantity)
			if !madeUp[m.ID] {
				d.Quality, d.Limit, d.GiverRule, d.ReceiverRule = city.Measured, "", "", ""
			}
		}
		if resource.Resource != nil { // what was not handed over is not paid
			d.PricePaid = float64(resource.Resource.CostPerUnit) * d.Quantity * majorUnit(v.parameters.Currency)
		}
		described[i] = d
	}
	return described, nil
}

// madeUp names the matches whose weighing a demonstration made up: such a weight measures nothing, and the value goes on
// resting on what the listing rests on.
func (v *Values) madeUp(ctx context.Context, id city.ID, matches []postgres.Match, moment Moment) (map[city.MatchID]bool, error) {
	simulated := map[city.MatchID]bool{}
	if moment != ExPost {
		return simulated, nil
	}
	for part := range slices.Chunk(matches, chunk) {
		ids := make([]city.MatchID, len(part))
		for i, m := range part {
			ids[i] = m.ID
		}
		decisions, err := v.store.DecisionsOf(ctx, id, ids)
		if err != nil {
			return nil, err
		}
		for match, given := range decisions {
			for _, d := range given {
				simulated[match] = simulated[match] || d.Kind == city.DecisionConfirmReceipt && d.Origin == city.Simulated
			}
		}
	}
	return simulated, nil
}

// quantify states the promised quantity and what it rests on: the listing that it uses up, and the rule that derived that.
func quantify(d *valuation.Match, m postgres.Match, resource, need postgres.Listing) {
	d.Quantity = float64(m.Quantity)
	d.GiverRule, d.ReceiverRule = resource.Quantity.Rule, need.Quantity.Rule
	switch usesUpResource, usesUpNeed := m.Quantity >= resource.Quantity.Amount, m.Quantity >= need.Quantity.Amount; {
	case usesUpResource && !usesUpNeed:
		d.Limit, d.Quality = city.Giver, resource.Quantity.Quality
	case usesUpNeed && !usesUpResource:
		d.Limit, d.Quality = city.Receiver, need.Quantity.Quality
	default:
		d.Quality = weaker(resource.Quantity.Quality, need.Quantity.Quality)
	}
}

func weaker(a, b city.Quality) city.Quality {
	order := []city.Quality{city.Measured, city.Declared, city.Inferred}
	return order[max(slices.Index(order, a), slices.Index(order, b), 0)]
}

// chunk is how many rows are asked for by their ids at a time.
const chunk = 5000

func (v *Values) listings(ctx context.Context, id city.ID, matches []postgres.Match) (map[city.ListingID]postgres.Listing, error) {
	var ids []city.ListingID
	for _, m := range matches {
		ids = append(ids, m.Resource, m.Need)
	}
	slices.Sort(ids)
	found := map[city.ListingID]postgres.Listing{}
	for part := range slices.Chunk(slices.Compact(ids), chunk) {
		listings, err := v.store.Listings(ctx, id, part)
		if err != nil {
			return nil, err
		}
		for _, l := range listings {
			found[l.ID] = l
		}
	}
	return found, nil
}

func (v *Values) kinds(ctx context.Context, id city.ID, matches []postgres.Match) (map[city.ParticipantID]city.Kind, error) {
	var ids []city.ParticipantID
	for _, m := range matches {
		ids = append(ids, m.Giver, m.Receiver)
	}
	return kindsOf(ctx, v.store, id, ids)
}

// kindReader reads participants.
type kindReader interface {
	Participants(ctx context.Context, id city.ID, ids []city.ParticipantID) ([]postgres.Participant, error)
}

func kindsOf(ctx context.Context, store kindReader, id city.ID, ids []city.ParticipantID) (map[city.ParticipantID]city.Kind, error) {
	slices.Sort(ids)
	kinds := map[city.ParticipantID]city.Kind{}
	for part := range slices.Chunk(slices.Compact(ids), chunk) {
		holders, err := store.Participants(ctx, id, part)
		if err != nil {
			return nil, err
		}
		for _, holder := range holders {
			kinds[holder.ID] = holder.Kind
		}
	}
	return kinds, nil
}
