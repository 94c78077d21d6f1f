package graph

import (
	"context"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/city-resource-graph/crg/city"
)

// Substitute is a leaf that may stand in for another one, and how much of it a city has open.
type Substitute struct {
	Leaf     city.Leaf
	Steps    int64 // 1: the taxonomy says so; 2: it may stand in for one that may
	Offering int64 // participants
	Left     int64 // in the unit of the leaf
}

// Substitutes finds what may stand in for a leaf, the nearest first.
func (g *Graph) Substitutes(ctx context.Context, c city.ID, leaf city.Leaf) ([]Substitute, error) {
	return read(ctx, g, "find substitutes", `MATCH path = (s:Category)-[:SUBSTITUTE_FOR*1..2]->(:Category {key: $leaf})
		WHERE s.key <> $leaf
		WITH s, min(length(path)) AS steps
		OPTIONAL MATCH (s)<-[o:OFFERS]-(p:Participant {city: $city, state: 'active'}) WHERE p.key STARTS WITH $scope AND o.quantity > 0
		RETURN s.leaf AS leaf, steps, count(p) AS offering, coalesce(sum(o.quantity), 0) AS remaining ORDER BY steps, leaf`,
		map[string]any{"leaf": g.category(leaf), "city": string(c), "scope": g.scope(c)},
		func(r *neo4j.Record) (Substitute, error) {
			s := Substitute{Leaf: city.Leaf(text(r.Values[0]))}
			s.Steps, _ = r.Values[1].(int64)
			s.Offering, _ = r.Values[2].(int64)
			s.Left, _ = r.Values[3].(int64)
			return s, nil
		})
}
