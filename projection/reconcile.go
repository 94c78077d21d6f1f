package projection

import (
	"context"
	"errors"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
)

// Comparison is how a city's graph stands to its rows.
type Comparison struct {
	City         city.ID `json:"city"`
	Participants int64   `json:"participants"` // in the rows, those rejected left out
	Relations    int64   `json:"relations"`
	Differing    int64   `json:"differing"` // participants
	Digest       string  `json:"digest"`    // of the rows; of the graph too when nothing differs
}

// Compare looks at all of a city, on both sides, and gives those that differ. What changes meanwhile may be among them.
func (p *Projector) Compare(ctx context.Context, c city.ID, beat func()) (Comparison, []city.ParticipantID, error) {
	want := graph.NewSurvey()
	err := p.pages(ctx, c, func(ids []city.ParticipantID) error {
		subjects, err := p.subjects(ctx, c, ids)
		for _, s := range subjects {
			want.Add(s)
		}
		beat()
		return err
	})
	if err != nil {
		return Comparison{}, nil, err
	}
	found, err := p.Graph.Survey(ctx, c, beat)
	if err != nil {
		return Comparison{}, nil, err
	}
	differ := want.Differences(found)
	return Comparison{
		City: c, Participants: int64(len(want.Digests)), Relations: want.Relations, Differing: int64(len(differ)), Digest: want.Digest(),
	}, differ, nil
}

// Differing looks at some participants again, while nobody writes the graph, and gives those that differ still.
func (p *Projector) Differing(ctx context.Context, c city.ID, ids []city.ParticipantID) (differ []city.ParticipantID, err error) {
	err = p.Store.Projecting(ctx, func(ctx context.Context) error {
		differ, _, err = p.differing(ctx, c, ids)
		return err
	})
	return differ, err
}

func (p *Projector) differing(ctx context.Context, c city.ID, ids []city.ParticipantID) ([]city.ParticipantID, []graph.Subject, error) {
	subjects, err := p.subjects(ctx, c, ids)
	if err != nil {
		return nil, nil, err
	}
	want := graph.NewSurvey()
	for _, s := range subjects {
		want.Add(s)
	}
	found, err := p.Graph.SurveyOf(ctx, c, ids)
	if err != nil {
		return nil, nil, err
	}
	differ := want.Differences(found)
	return differ, slices.DeleteFunc(subjects, func(s graph.Subject) bool { return !slices.Contains(differ, s.ID) }), nil
}

// Reconcile compares every city and repairs what differs. First it catches up, so that what is merely late is not taken
// for damage. With rebuild it throws the graph away and builds it from nothing.
func (p *Projector) Reconcile(ctx context.Context, rebuild bool, beat func()) ([]Comparison, error) {
	if rebuild {
		if err := p.Store.Projecting(ctx, p.Graph.Wipe); err != nil {
			return nil, err
		}
	}
	if err := p.catchUp(ctx, beat); err != nil {
		return nil, err
	}
	cities, err := p.Store.Cities(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Comparison, len(cities))
	for i, c := range cities {
		if all[i], err = p.reconcile(ctx, c.ID, beat); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (p *Projector) catchUp(ctx context.Context, beat func()) error {
	if err := p.Begin(ctx, beat); err != nil {
		return err
	}
	for {
		events, err := p.Project(ctx)
		if errors.Is(err, graph.ErrIncomplete) {
			return p.Begin(ctx, beat)
		}
		if err != nil || events < page {
			return err
		}
		beat()
	}
}

func (p *Projector) reconcile(ctx context.Context, c city.ID, beat func()) (Comparison, error) {
	compared, suspects, err := p.Compare(ctx, c, beat)
	if err != nil {
		return compared, err
	}
	compared.Differing = 0
	for ids := range slices.Chunk(suspects, page) {
		err := p.Store.Projecting(ctx, func(ctx context.Context) error {
			differ, subjects, err := p.differing(ctx, c, ids)
			if err != nil {
				return err
			}
			compared.Differing += int64(len(differ))
			return p.Graph.Repair(ctx, subjects)
		})
		if err != nil {
			return compared, err
		}
		beat()
	}
	return compared, p.Graph.Prune(ctx, c)
}
