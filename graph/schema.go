package graph

import (
	"context"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/city-resource-graph/crg/city"
)

// labels of all nodes; a key is unique within its label, and the constraint is also the index by which nodes are found.
var labels = []string{"Participant", "Place", "Domain", "Operator", "Category", mark}

// Prepare makes the constraints. It can be repeated.
func (g *Graph) Prepare(ctx context.Context) error {
	for _, label := range labels {
		cypher := "CREATE CONSTRAINT crg_" + label + " IF NOT EXISTS FOR (n:" + label + ") REQUIRE n.key IS UNIQUE"
		if err := g.write(ctx, "prepare the graph", step(cypher, nil)); err != nil {
			return err
		}
	}
	return nil
}

// Categories writes the categories of a taxonomy. It can be repeated.
func (g *Graph) Categories(ctx context.Context, taxonomy *city.Taxonomy) error {
	var categories, substitutes []any
	for _, c := range taxonomy.Leaves() {
		categories = append(categories, map[string]any{"key": g.category(c.Leaf), "props": map[string]any{
			"key": g.category(c.Leaf), "leaf": string(c.Leaf), "class": string(c.Class()), "unit": string(c.Unit),
			"temperature": string(c.Temperature), "perish_days": c.PerishDays,
		}})
		for _, other := range c.Substitutes {
			substitutes = append(substitutes, map[string]any{"leaf": g.category(c.Leaf), "other": g.category(other)})
		}
	}
	return g.write(ctx, "prepare the categories",
		step(`UNWIND $rows AS r MERGE (c:Category {key: r.key}) SET c = r.props`, map[string]any{"rows": categories}),
		step(
			`MATCH (:Category)-[s:SUBSTITUTE_FOR]->(c:Category) WHERE c.key STARTS WITH $prefix DELETE s`,
			map[string]any{"prefix": g.category("")},
		),
		step(
			`UNWIND $rows AS r MATCH (a:Category {key: r.other}), (b:Category {key: r.leaf}) MERGE (a)-[:SUBSTITUTE_FOR]->(b)`,
			map[string]any{"rows": substitutes},
		))
}

// category is the key of a leaf, which all cities share.
func (g *Graph) category(leaf city.Leaf) string { return g.prefix + "//" + string(leaf) }

// value reads one column of a row; null is the zero value.
func value[T neo4j.RecordValue](r *neo4j.Record, column string) (T, error) {
	v, _, err := neo4j.GetRecordValue[T](r, column)
	return v, err //nolint:wrapcheck // names column and type
}
