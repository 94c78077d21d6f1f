package activities

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
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

// again says of those on whom was decided before why a person looks at them again: what was decided holds for the data that it
// was decided on.
func (a asking) again(ctx context.Context, store kindReader, id city.ID) (map[city.ParticipantID]string, error) {
	again := map[city.ParticipantID]string{}
	if len(a) == 0 {
		return again, nil
	}
	found, err := store.Participants(ctx, id, slices.Sorted(maps.Keys(a)))
	for _, was := range found {
		decided := ""
		switch was.State {
		case city.ParticipantActive:
			decided = "accepted"
		case city.ParticipantRejected:
			decided = "rejected"
		}
		if changed := a[was.ID].holder.ChangesFrom(was.Participant); decided != "" && len(changed) > 0 {
			again[was.ID] = fmt.Sprintf("since it was %s its data changed (%s)", decided, strings.Join(changed, ", "))
		}
	}
	return again, err
}

// waiting are those who wait for a person, and those who would once again holds.
func (a asking) waiting(ctx context.Context, store kindReader, id city.ID, again map[city.ParticipantID]string) ([]city.ParticipantID, error) {
	if len(a) == 0 {
		return nil, nil
	}
	waiting := slices.Sorted(maps.Keys(a))
	found, err := store.Participants(ctx, id, waiting)
	decided := map[city.ParticipantID]bool{}
	for _, p := range found {
		decided[p.ID] = p.State != city.ParticipantApplied && p.State != city.ParticipantInReview && again[p.ID] == ""
	}
	return slices.DeleteFunc(waiting, func(id city.ParticipantID) bool { return decided[id] }), err
}
