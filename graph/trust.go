package graph

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/city-resource-graph/crg/city"
)

// Permille is trust in thousandths. A first delivery that was confirmed gives 500, and each further one halves what is
// missing: 750, 875, ... A vouch gives 750. A path is worth the product of its steps, so that it fades with its length.
type Permille int64

const (
	full    Permille = 1000
	byVouch Permille = 750
)

func byDeliveries(count int64) Permille { return full - full>>min(count, 10) }

// Step is one relation on a path of trust: who gave to whom how often, or who vouched for whom.
type Step struct {
	From, To  city.ParticipantID // as the path goes
	Vouch     bool               // else deliveries
	Backwards bool               // the relation leads from To to From
	Count     int64              // of deliveries
	Last      time.Time          // city time of the last one
	Trust     Permille
}

// Path is a chain of participants who know each other. Without steps there is none.
type Path struct {
	Steps []Step
	Trust Permille
}

// TrustPath finds the most trusted of the shortest paths between two participants, of at most four steps: beyond them a
// path says nothing, and a search costs much. Cycles do it no harm: a shortest path visits nobody twice.
func (g *Graph) TrustPath(ctx context.Context, c city.ID, from, to city.ParticipantID) (Path, error) {
	if from == to {
		return Path{Trust: full}, nil
	}
	paths, err := read(ctx, g, "find a path of trust", `MATCH (a:Participant {key: $from}), (b:Participant {key: $to})
		MATCH path = allShortestPaths((a)-[:DELIVERED|VOUCHED*..4]-(b))
		WITH path LIMIT 200
		RETURN [n IN nodes(path) | n.id] AS ids,
			[r IN relationships(path) | [type(r), startNode(r).id, r.count, r.last]] AS steps`,
		map[string]any{"from": g.key(c, string(from)), "to": g.key(c, string(to))}, path)
	if err != nil || len(paths) == 0 {
		return Path{}, err
	}
	return slices.MaxFunc(paths, func(a, b Path) int {
		return cmp.Or(cmp.Compare(a.Trust, b.Trust), -slices.CompareFunc(a.Steps, b.Steps, func(x, y Step) int { return cmp.Compare(x.To, y.To) }))
	}), nil
}

func path(r *neo4j.Record) (Path, error) {
	ids, steps := list(r, "ids"), list(r, "steps")
	p := Path{Trust: full}
	for i, one := range steps {
		columns, _ := one.([]any)
		step := Step{
			From: city.ParticipantID(text(ids[i])), To: city.ParticipantID(text(ids[i+1])), Vouch: text(columns[0]) == vouched,
		}
		step.Backwards = text(columns[1]) != text(ids[i])
		step.Count, _ = columns[2].(int64)
		if last, ok := columns[3].(int64); ok {
			step.Last = time.UnixMilli(last).UTC()
		}
		step.Trust = byVouch
		if !step.Vouch {
			step.Trust = byDeliveries(step.Count)
		}
		p.Steps = append(p.Steps, step)
		p.Trust = p.Trust * step.Trust / full
	}
	return p, nil
}

// Affinity is the trust between a giver and a receiver over at most one participant whom both know.
type Affinity struct {
	Giver, Receiver city.ParticipantID
	Trust           Permille
}

// affinityCrowd is how many may know somebody before knowing them says nothing about each other.
const affinityCrowd = 200

// affinityPage is how many participants' relations are read at a time.
const affinityPage = 2000

// Affinities finds the trust of all pairs that have any, by giver and receiver. Beat is called after every page.
func (g *Graph) Affinities(ctx context.Context, c city.ID, givers, receivers []city.ParticipantID, beat func()) ([]Affinity, error) {
	known, err := g.acquaintances(ctx, c, slices.Concat(givers, receivers), beat)
	if err != nil {
		return nil, err
	}
	receives := make(map[city.ParticipantID]bool, len(receivers))
	for _, r := range receivers {
		receives[r] = true
	}
	var all []Affinity
	for _, giver := range slices.Compact(slices.Sorted(slices.Values(givers))) {
		best := map[city.ParticipantID]Permille{}
		for middle, trust := range known[giver] {
			best[middle] = max(best[middle], trust)
			if len(known[middle]) > affinityCrowd {
				continue
			}
			for other, further := range known[middle] {
				best[other] = max(best[other], trust*further/full)
			}
		}
		for other, trust := range best {
			if receives[other] && other != giver && trust > 0 {
				all = append(all, Affinity{Giver: giver, Receiver: other, Trust: trust})
			}
		}
	}
	slices.SortFunc(all, func(a, b Affinity) int {
		return cmp.Or(cmp.Compare(a.Giver, b.Giver), cmp.Compare(a.Receiver, b.Receiver))
	})
	return all, nil
}

// acquaintances reads who knows whom, both ways. Between a giver and a receiver stands nobody whom neither knows, so the
// relations of the two are all that is asked for.
func (g *Graph) acquaintances(
	ctx context.Context, c city.ID, ids []city.ParticipantID, beat func(),
) (map[city.ParticipantID]map[city.ParticipantID]Permille, error) {
	type acquaintance struct {
		a, b  city.ParticipantID
		trust Permille
	}
	known := map[city.ParticipantID]map[city.ParticipantID]Permille{}
	note := func(a, b city.ParticipantID, trust Permille) {
		if known[a] == nil {
			known[a] = map[city.ParticipantID]Permille{}
		}
		known[a][b] = max(known[a][b], trust)
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(ids)))
	for page := range slices.Chunk(distinct, affinityPage) {
		found, err := read(ctx, g, "read who knows whom", `UNWIND $keys AS key
			MATCH (a:Participant {key: key})-[r:DELIVERED|VOUCHED]-(b:Participant) WHERE b.id IS NOT NULL
			RETURN a.id AS a, b.id AS b, type(r) AS type, coalesce(r.count, 0) AS count`,
			map[string]any{"keys": g.keys(c, page)}, func(r *neo4j.Record) (acquaintance, error) {
				v := r.Values
				count, _ := v[3].(int64)
				one := acquaintance{a: city.ParticipantID(text(v[0])), b: city.ParticipantID(text(v[1])), trust: byVouch}
				if text(v[2]) == delivered {
					one.trust = byDeliveries(count)
				}
				return one, nil
			})
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			note(one.a, one.b, one.trust)
			note(one.b, one.a, one.trust)
		}
		if beat != nil {
			beat()
		}
	}
	return known, nil
}
