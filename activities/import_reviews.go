package activities

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/postgres"
)

// asking are the holders whom the rows of an import want a person to look at.
type asking map[city.ParticipantID]reviewAsked

type reviewAsked struct {
	holder city.Participant
	why    string // in the profile's words
}

// row takes note of a row. The first one of a holder counts, as it does in the database.
func (a asking) row(r *ingest.Row) {
	if r.Participant == nil || r.Review == "" {
		return
	}
	if _, there := a[r.Participant.ID]; !there {
		a[r.Participant.ID] = reviewAsked{*r.Participant, r.Review}
	}
}

// decided are those on whom was decided before, as they are recorded.
func (a asking) decided(ctx context.Context, store kindReader, id city.ID) (map[city.ParticipantID]postgres.Participant, error) {
	decided := map[city.ParticipantID]postgres.Participant{}
	if len(a) == 0 {
		return decided, nil
	}
	found, err := store.Participants(ctx, id, slices.Sorted(maps.Keys(a)))
	for _, was := range found {
		if was.State == city.ParticipantActive || was.State == city.ParticipantRejected {
			decided[was.ID] = was
		}
	}
	return decided, err
}

// again says why a person looks at the holder of a row again: what was decided holds for the data that it was decided on. It is
// empty where that stands. Of a holder with several rows each is asked for itself, since a row that says nothing new does not count.
func again(decided map[city.ParticipantID]postgres.Participant, p *city.Participant, review string) string {
	if p == nil || review == "" {
		return ""
	}
	was, there := decided[p.ID]
	changed := p.ChangesFrom(was.Participant)
	if !there || len(changed) == 0 {
		return ""
	}
	verdict := "accepted"
	if was.State == city.ParticipantRejected {
		verdict = "rejected"
	}
	return fmt.Sprintf("since it was %s its data changed (%s)", verdict, strings.Join(changed, ", "))
}

// waiting are those who wait for a person as it is recorded, and those of whom nothing is: they would.
func (a asking) waiting(ctx context.Context, store kindReader, id city.ID) ([]city.ParticipantID, error) {
	if len(a) == 0 {
		return nil, nil
	}
	waiting := slices.Sorted(maps.Keys(a))
	found, err := store.Participants(ctx, id, waiting)
	decided := map[city.ParticipantID]bool{}
	for _, p := range found {
		decided[p.ID] = p.State != city.ParticipantApplied && p.State != city.ParticipantInReview
	}
	return slices.DeleteFunc(waiting, func(id city.ParticipantID) bool { return decided[id] }), err
}
