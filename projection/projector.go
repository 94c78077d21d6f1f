package projection

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/postgres"
)

// Consumer is the name of the graph's cursor in the outbox.
const Consumer = "graph"

// page is how many participants are written in one transaction, and how many events are read at a time.
const page = 1000

// Projector keeps a graph equal to the rows of a store. Any number of them may be at work at once; a lock in PostgreSQL
// lets one write at a time.
type Projector struct {
	Store *postgres.Store
	Graph *graph.Graph
}

// Begin makes the graph ready for events: constraints, categories, and all of its content when it holds nothing, or less
// than the cursor says (a server that was wiped, or came back from an older backup), or was away for so long that
// events which it has not read are gone. ErrIncomplete means that it was wiped meanwhile: Begin again.
func (p *Projector) Begin(ctx context.Context, beat func()) error {
	if err := p.Graph.Prepare(ctx); err != nil {
		return err
	}
	whole, err := p.whole(ctx)
	if err != nil {
		return err
	}
	if whole {
		return p.Graph.Categories(ctx, city.DefaultTaxonomy())
	}
	build, err := p.Graph.StartBuild(ctx)
	if err != nil {
		return err
	}
	if err := p.Graph.Categories(ctx, city.DefaultTaxonomy()); err != nil {
		return err
	}
	return p.fill(ctx, build, beat)
}

// whole says whether the graph holds every event that the cursor says it holds, and every later one can still be read.
func (p *Projector) whole(ctx context.Context) (bool, error) {
	position, there, err := p.Graph.Position(ctx)
	if err != nil {
		return false, err
	}
	cursor, err := p.Store.Cursor(ctx, Consumer)
	if err != nil {
		return false, err
	}
	oldest, _, err := p.Store.EventRange(ctx)
	return there && position >= cursor && cursor >= oldest-1, err
}

// Project projects the next events and answers how many there were. ErrIncomplete means that the graph was lost
// meanwhile: Begin again.
func (p *Projector) Project(ctx context.Context) (events int, err error) {
	if _, err := p.Store.NumberEvents(ctx, page); err != nil {
		return 0, err
	}
	err = p.Store.Projecting(ctx, func(ctx context.Context) error {
		cursor, err := p.Store.Cursor(ctx, Consumer)
		if err != nil {
			return err
		}
		found, err := p.Store.EventsAfter(ctx, cursor, page)
		if err != nil || len(found) == 0 {
			return err
		}
		whole, err := p.whole(ctx)
		if err != nil {
			return err
		}
		if !whole {
			return graph.ErrIncomplete
		}
		events = len(found)
		return p.apply(ctx, cursor, found)
	})
	return events, err
}

func (p *Projector) apply(ctx context.Context, cursor int64, events []postgres.Event) error {
	last := events[len(events)-1].Position
	var all []graph.Subject
	concerned := concerned(events)
	for _, c := range slices.Sorted(maps.Keys(concerned)) {
		found, err := p.read(ctx, c, *concerned[c])
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	if _, err := p.Graph.Apply(ctx, all, cursor, last); err != nil {
		return err
	}
	return p.Store.MoveCursor(ctx, Consumer, cursor, last)
}

// concern is what events of a city are about.
type concern struct {
	participants      []city.ParticipantID
	listings, matches []string
}

// concerned collects whom events are about. Kinds that the graph does not know concern nobody.
func concerned(events []postgres.Event) map[city.ID]*concern {
	of := map[city.ID]*concern{}
	for _, e := range events {
		var subject struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(e.Payload, &subject) != nil || subject.ID == "" {
			continue
		}
		c := of[e.City]
		if c == nil {
			c = &concern{}
			of[e.City] = c
		}
		switch e.Topic {
		case "participant":
			c.participants = append(c.participants, city.ParticipantID(subject.ID))
		case "listing":
			c.listings = append(c.listings, subject.ID)
		case "match":
			c.matches = append(c.matches, subject.ID)
		}
	}
	return of
}

func (p *Projector) read(ctx context.Context, c city.ID, about concern) ([]graph.Subject, error) {
	holders, err := p.Store.Holders(ctx, c, about.listings, about.matches)
	if err != nil {
		return nil, err
	}
	return p.subjects(ctx, c, append(about.participants, holders...))
}

func (p *Projector) subjects(ctx context.Context, c city.ID, ids []city.ParticipantID) ([]graph.Subject, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := p.Store.Neighbourhoods(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	return subjects(c, ids, found), nil
}

// fill projects every participant there is. It may be interrupted: what is written is found equal the next time, and
// until it is done the graph has no position.
func (p *Projector) fill(ctx context.Context, build string, beat func()) error {
	// Rows read from now on hold every event up to here.
	_, head, err := p.Store.EventRange(ctx)
	if err != nil {
		return err
	}
	cities, err := p.Store.Cities(ctx)
	if err != nil {
		return err
	}
	for _, c := range cities {
		err := p.pages(ctx, c.ID, func(ids []city.ParticipantID) error {
			err := p.Store.Projecting(ctx, func(ctx context.Context) error {
				subjects, err := p.subjects(ctx, c.ID, ids)
				if err != nil {
					return err
				}
				_, err = p.Graph.Fill(ctx, subjects)
				return err
			})
			beat()
			return err
		})
		if err != nil {
			return err
		}
	}
	return p.Store.Projecting(ctx, func(ctx context.Context) error {
		cursor, err := p.Store.Cursor(ctx, Consumer)
		if err != nil {
			return err
		}
		to := max(cursor, head)
		if err := p.Graph.EndBuild(ctx, build, to); err != nil {
			return err
		}
		return p.Store.MoveCursor(ctx, Consumer, cursor, to)
	})
}

// pages walks all participants of a city.
func (p *Projector) pages(ctx context.Context, c city.ID, visit func([]city.ParticipantID) error) error {
	for next := (postgres.Page{Limit: page}); ; {
		found, after, err := p.Store.ListParticipants(ctx, c, postgres.ParticipantFilter{}, next)
		if err != nil {
			return err
		}
		ids := make([]city.ParticipantID, len(found))
		for i, one := range found {
			ids[i] = one.ID
		}
		if len(ids) > 0 {
			if err := visit(ids); err != nil {
				return err
			}
		}
		if after == "" {
			return nil
		}
		next.After = after
	}
}
