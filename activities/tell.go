package activities

import (
	"context"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// CityRef names a city. It is the input of the workflow DeliverNotices.
type CityRef struct {
	City city.ID `json:"city"`
}

// AnnounceStore records who is told what, and knows who can stand in for whom.
type AnnounceStore interface {
	Announce(ctx context.Context, a postgres.Announcement) (pending int, err error)
	Deputies(ctx context.Context, id city.ID) ([]postgres.Delegation, error)
	ActorsOf(ctx context.Context, id city.ID, role city.Role) ([]string, error)
}

// Courier wakes the delivery of a city's notices, or starts it.
type Courier interface {
	DeliverNotices(ctx context.Context, ref CityRef) error
}

// Teller records notices and sees to it that somebody delivers them. A step that tells may be repeated: each contact is
// told once for a key, and the courier is called again for what was not sent yet.
type Teller struct {
	Store   AnnounceStore
	Courier Courier
}

func (t *Teller) tell(ctx context.Context, a postgres.Announcement) error {
	pending, err := t.Store.Announce(ctx, a)
	if err != nil || pending == 0 {
		return err
	}
	return t.Courier.DeliverNotices(ctx, CityRef{City: a.City})
}

// escalate asks the deputies of the approvers who have not spoken; where nobody named one, the operators, who know whom to
// call. It answers who was asked, for the audit.
func (t *Teller) escalate(ctx context.Context, a postgres.Announcement, spoke []string) (asked escalation, err error) {
	approvers, err := t.Store.ActorsOf(ctx, a.City, city.Approver)
	if err != nil {
		return asked, err
	}
	inForce, err := t.Store.Deputies(ctx, a.City)
	if err != nil {
		return asked, err
	}
	for _, d := range inForce {
		silent := slices.Contains(approvers, d.Approver) && !slices.Contains(spoke, d.Approver)
		if silent && !slices.Contains(spoke, d.Deputy) && !slices.Contains(asked.Deputies, d.Deputy) {
			asked.Deputies = append(asked.Deputies, d.Deputy)
		}
	}
	a.Actors, a.Roles = asked.Deputies, nil
	if len(asked.Deputies) == 0 {
		asked.Role = city.Operator
		a.Roles = []city.Role{city.Operator}
	}
	return asked, t.tell(ctx, a)
}

// escalation is who was asked to step in: the deputies by name, or whoever has a role.
type escalation struct {
	Deputies []string  `json:"deputies,omitempty"`
	Role     city.Role `json:"role,omitempty"`
}
