package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/demo"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/postgres"
)

// previewStore answers from memory what a run's snapshot is read from.
type previewStore struct {
	row          postgres.City
	wards        []postgres.Ward
	listings     []postgres.Listing // open ones
	participants map[city.ParticipantID]city.Participant
}

// newPreviewStore opens what the data lists: dates on the city clock, unconfirmed resources answered for by the seed.
func newPreviewStore(data *ingest.Data, clock city.Clock, seed int64) (*previewStore, asked, error) {
	row, err := activities.CityRow(data.City, clock.Scale, clock.Started)
	if err != nil {
		return nil, asked{}, err
	}
	s := &previewStore{
		row: row, wards: activities.WardRows(data.Areas, data.City.Currency), participants: map[city.ParticipantID]city.Participant{},
	}
	for _, participant := range data.Participants {
		s.participants[participant.ID] = participant
	}
	answers := asked{}
	for _, l := range data.Listings {
		if l.State == city.ListingUnconfirmed && l.Resource != nil {
			if !demo.Usable(seed, string(l.ID), l.Resource.UsableChance) {
				answers.denied++
				continue
			}
			answers.confirmed++
			l.State = city.ListingOpen
		}
		shifted := ingest.Row{Listings: []city.Listing{l}}
		shifted.Shift(clock)
		s.listings = append(s.listings, postgres.Listing{Listing: shifted.Listings[0]})
	}
	slices.SortFunc(s.listings, func(a, b postgres.Listing) int {
		return cmp.Or(cmp.Compare(a.Side, b.Side), cmp.Compare(a.ID, b.ID))
	})
	return s, answers, nil
}

// asked counts the answers about unconfirmed resources.
type asked struct{ confirmed, denied int64 }

func (s *previewStore) City(context.Context, city.ID) (postgres.City, error) { return s.row, nil }

func (s *previewStore) Wards(context.Context, city.ID) ([]postgres.Ward, error) { return s.wards, nil }

func (s *previewStore) OpenListings(_ context.Context, _ city.ID, scope postgres.Scope, yield func(postgres.Listing) error) error {
	for _, l := range s.listings {
		if scope.Ward != "" && l.Ward != scope.Ward {
			continue
		}
		if err := yield(l); err != nil {
			return err
		}
	}
	return nil
}

func (s *previewStore) Participants(_ context.Context, _ city.ID, ids []city.ParticipantID) ([]postgres.Participant, error) {
	found := make([]postgres.Participant, 0, len(ids))
	for _, id := range ids {
		if participant, there := s.participants[id]; there {
			found = append(found, postgres.Participant{Participant: participant})
		}
	}
	return found, nil
}

// Stock is what is open: in a preview nothing is held.
func (s *previewStore) Stock(
	ctx context.Context, id city.ID, scope postgres.Scope, yield func(postgres.Listing) error,
) ([]postgres.Holding, error) {
	return nil, s.OpenListings(ctx, id, scope, yield)
}

func (s *previewStore) ForbiddenPairs(context.Context, city.ID) ([]postgres.Pair, error) {
	return nil, nil
}
