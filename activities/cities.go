package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// CityStore reads a city's row.
type CityStore interface {
	City(ctx context.Context, id city.ID) (postgres.City, error)
}

// Cities knows the clock and the approval policy of each city. The row carries the city's boundary too, so it is not
// read at every step.
type Cities struct {
	*memo[terms]
}

// terms is what the steps of a match or an applicant need to know of its city.
type terms struct {
	clock    city.Clock
	policy   city.ApprovalPolicy
	currency city.Currency
	zone     *time.Location
}

// NewCities reads cities from store; now is the wall clock.
func NewCities(store CityStore, now func() time.Time) *Cities {
	return &Cities{newMemo(now, func(ctx context.Context, id city.ID) (terms, error) {
		row, err := store.City(ctx, id)
		if err != nil {
			return terms{}, err
		}
		zone, err := time.LoadLocation(row.TimeZone)
		if err != nil {
			return terms{}, fmt.Errorf("%w: city %s: %w", errInvalid, id, err)
		}
		t := terms{clock: row.Clock, currency: row.Currency, zone: zone}
		if err := json.Unmarshal(row.Policy, &t.policy); err != nil {
			return terms{}, fmt.Errorf("%w: approval policy of city %s: %w", errInvalid, id, err)
		}
		if err := t.policy.Validate(); err != nil {
			return terms{}, fmt.Errorf("%w: city %s: %w", errInvalid, id, err)
		}
		return t, nil
	})}
}

// wall is the wall time at which the city clock shows t.
func (t terms) wall(at time.Time) time.Time {
	return t.clock.Started.Add(t.clock.Wait(at.Sub(t.clock.Epoch)))
}

// local is what clocks on the city's walls show at a wall time of this machine.
func (t terms) local(wall time.Time) time.Time { return t.clock.Now(wall).In(t.zone) }

// ladder is the deadlines of one state in their order.
type ladder []Deadline

// next is the first deadline that has not passed; the last one stays due until something comes of it.
func (l ladder) next(now time.Time) Deadline {
	for _, deadline := range l {
		if deadline.At.After(now) {
			return deadline
		}
	}
	if len(l) == 0 {
		return Deadline{}
	}
	return l[len(l)-1]
}

// last is when nobody can change it any more.
func (l ladder) last() Deadline { return l[len(l)-1] }

// after is the deadline that follows a step that has passed, whatever the clock of this machine says.
func (l ladder) after(passed Step) Deadline {
	for i, deadline := range l[:max(len(l)-1, 0)] {
		if deadline.Step == passed {
			return l[i+1]
		}
	}
	return l.next(time.Time{})
}

// review is the ladder of something that people have to look at, from the city time at which it began to wait.
func (t terms) review(since time.Time) ladder {
	var l ladder
	if t.policy.RemindAfter > 0 {
		l = append(l, Deadline{StepRemind, t.wall(since.Add(t.policy.RemindAfter))})
	}
	if t.policy.EscalateAfter > 0 {
		l = append(l, Deadline{StepEscalate, t.wall(since.Add(t.policy.EscalateAfter))})
	}
	return append(l, Deadline{StepExpire, t.wall(since.Add(t.policy.ExpireAfter))})
}
