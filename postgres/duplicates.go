package postgres

import (
	"context"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Duplicate is another participant that may be the same one. It bears at least two marks: a similar name (trigram
// similarity 0.6 or more) with the same address, the same e-mail domain or 100 metres; or address and e-mail domain.
// Branches of a chain share only the name, and tenants of a house only the address: neither is a duplicate.
type Duplicate struct {
	Participant     city.ParticipantID
	Other           city.ParticipantID
	OtherState      city.ParticipantState
	NameSimilarity  float64 // 0 to 1
	SameAddress     bool
	SameEmailDomain bool
	Metres          *float64 // between the two; nil when one has no point
}

// FindDuplicates looks for duplicates of each of the ids among all participants that were not rejected.
func (s *Store) FindDuplicates(ctx context.Context, id city.ID, ids []city.ParticipantID) ([]Duplicate, error) {
	rows, err := s.q.FindDuplicates(ctx, gen.FindDuplicatesParams{City: string(id), Ids: texts(ids)})
	if err != nil {
		return nil, translate("find duplicates", err)
	}
	duplicates := make([]Duplicate, len(rows))
	for i, row := range rows {
		duplicates[i] = Duplicate{
			Participant: city.ParticipantID(row.Participant), Other: city.ParticipantID(row.Other),
			OtherState: city.ParticipantState(row.OtherState), NameSimilarity: row.NameSimilarity, SameAddress: row.SameAddress,
			SameEmailDomain: row.SameEmailDomain,
		}
		if row.Metres >= 0 {
			duplicates[i].Metres = &row.Metres
		}
	}
	return duplicates, nil
}
