package graph

import (
	"context"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/city-resource-graph/crg/city"
)

// Chain is a way for food from who has it to who needs it: a donor, a van that fetches it, a store that keeps it, a
// pantry that hands it out. Distances are straight lines in metres.
type Chain struct {
	Donor, Van, Store, Pantry city.ParticipantID
	Offered                   city.Leaf // by the donor
	Asked                     city.Leaf // by the pantry; what is offered is it, or may stand in for it
	Quantity                  int64     // that both have open, in the leaf's unit
	ToDonor                   float64   // from the van
	ToStore                   float64   // from the donor
	ToPantry                  float64   // from the store
}

// ChainQuery asks for chains of a leaf.
type ChainQuery struct {
	Leaf   city.Leaf // that a donor has
	Cold   bool      // van and store must be refrigerated
	Within float64   // metres of each leg
	Limit  int       // chains
}

// fewest is how many of a kind are looked at for one donor, the nearest first.
const fewest = 3

// Chains finds ways for what donors have open, the largest quantity first, then the shortest way. Each has the nearest
// van and store that can take it.
func (g *Graph) Chains(ctx context.Context, c city.ID, q ChainQuery) ([]Chain, error) {
	return read(ctx, g, "find chains", `MATCH (leaf:Category {key: $leaf})<-[o:OFFERS]-(donor:Participant)
		WHERE donor.key STARTS WITH $scope AND donor.state = 'active' AND donor.at IS NOT NULL AND o.quantity > 0
		WITH leaf, donor, o ORDER BY o.quantity DESC, donor.key LIMIT 50
		CALL (donor) {
			MATCH (v:Category {class: 'vehicle'})<-[vo:OFFERS]-(van:Participant)
			WHERE v.leaf IN $vans AND van.key STARTS WITH $scope AND van.state = 'active' AND vo.quantity > 0
				AND point.distance(van.at, donor.at) <= $within
			RETURN van, point.distance(van.at, donor.at) AS to_donor ORDER BY to_donor, van.key LIMIT 1
		}
		CALL (donor) {
			MATCH (s:Category {class: 'space'})<-[so:OFFERS]-(store:Participant)
			WHERE s.leaf IN $stores AND store.key STARTS WITH $scope AND store.state = 'active' AND so.quantity > 0
				AND (NOT $cold OR so.cold > 0) AND point.distance(donor.at, store.at) <= $within
			RETURN store, point.distance(donor.at, store.at) AS to_store ORDER BY to_store, store.key LIMIT 1
		}
		CALL (leaf, donor, o, store) {
			MATCH (leaf)-[:SUBSTITUTE_FOR*0..1]->(asked:Category)<-[n:NEEDS]-(pantry:Participant)
			WHERE pantry.key STARTS WITH $scope AND pantry.state = 'active' AND pantry <> donor AND n.quantity > 0
				AND point.distance(store.at, pantry.at) <= $within
			RETURN pantry, asked, CASE WHEN n.quantity < o.quantity THEN n.quantity ELSE o.quantity END AS quantity,
				point.distance(store.at, pantry.at) AS to_pantry
			ORDER BY to_pantry, pantry.key LIMIT $fewest
		}
		RETURN donor.id, van.id, store.id, pantry.id, leaf.leaf, asked.leaf, quantity, to_donor, to_store, to_pantry
		ORDER BY quantity DESC, to_donor + to_store + to_pantry, donor.key, pantry.key LIMIT $limit`,
		map[string]any{
			"leaf": g.category(q.Leaf), "scope": g.scope(c), "cold": q.Cold, "within": q.Within, "limit": q.Limit, "fewest": fewest,
			"vans": vans(q.Cold), "stores": []string{"space.storage", "space.kitchen"},
		}, chain)
}

// vans are the leaves of vehicles that can fetch food.
func vans(cold bool) []string {
	if cold {
		return []string{"vehicle.van-refrigerated"}
	}
	return []string{"vehicle.van", "vehicle.van-refrigerated"}
}

func chain(r *neo4j.Record) (Chain, error) {
	v := r.Values
	c := Chain{
		Donor: city.ParticipantID(text(v[0])), Van: city.ParticipantID(text(v[1])), Store: city.ParticipantID(text(v[2])),
		Pantry: city.ParticipantID(text(v[3])), Offered: city.Leaf(text(v[4])), Asked: city.Leaf(text(v[5])),
	}
	c.Quantity, _ = v[6].(int64)
	for i, x := range []*float64{&c.ToDonor, &c.ToStore, &c.ToPantry} {
		*x, _ = v[7+i].(float64)
	}
	return c, nil
}
