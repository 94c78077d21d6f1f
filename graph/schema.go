package graph

import (
	"context"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/city-resource-graph/crg/city"
)

// labels of all nodes; a key is unique within its label, and the constraint is also the index by which nodes are found.
var labels = []string{"Participant", "Place", "Domain", "Operator", "Category", "Projection"}

// Prepare makes the constraints and the categories of a taxonomy. It can be repeated.
func (g *Graph) Prepare(ctx context.Context, taxonomy *city.Taxonomy) error {
	for _, label := range labels {
		cypher := "CREATE CONSTRAINT crg_" + label + " IF NOT EXISTS FOR (n:" + label + ") REQUIRE n.key IS UNIQUE"
		if err := g.write(ctx, "prepare the graph", statement{cypher: cypher}); err != nil {
			return err
		}
	}
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
		statement{`UNWIND $rows AS r MERGE (c:Category {key: r.key}) SET c = r.props`, map[string]any{"rows": categories}},
		statement{
			`MATCH (:Category)-[s:SUBSTITUTE_FOR]->(c:Category) WHERE c.key STARTS WITH $prefix DELETE s`,
			map[string]any{"prefix": g.category("")},
		},
		statement{
			`UNWIND $rows AS r MATCH (a:Category {key: r.other}), (b:Category {key: r.leaf}) MERGE (a)-[:SUBSTITUTE_FOR]->(b)`,
			map[string]any{"rows": substitutes},
		})
}

// category is the key of a leaf, which all cities share.
func (g *Graph) category(leaf city.Leaf) string { return g.prefix + "//" + string(leaf) }

// Position is the position of the last event that the graph holds; false when it holds none, because it is new or was
// wiped.
func (g *Graph) Position(ctx context.Context) (int64, bool, error) {
	found, err := read(ctx, g, "read the graph's position", `MATCH (p:Projection {key: $key}) RETURN p.position AS position`,
		map[string]any{"key": g.prefix}, func(r *neo4j.Record) (int64, error) { return value[int64](r, "position") })
	if err != nil || len(found) == 0 {
		return 0, false, err
	}
	return found[0], true, nil
}

// setPosition is the statement that notes how far the graph is.
func (g *Graph) setPosition(position int64) statement {
	return statement{`MERGE (p:Projection {key: $key}) SET p.position = $position`, map[string]any{"key": g.prefix, "position": position}}
}

// Note writes how far the graph is, for events that change nothing in it.
func (g *Graph) Note(ctx context.Context, position int64) error {
	return g.write(ctx, "note the graph's position", g.setPosition(position))
}

// Wipe deletes all that the installation has in the graph, in steps that each fit into memory.
func (g *Graph) Wipe(ctx context.Context) error {
	for _, label := range labels {
		cypher := `MATCH (n:` + label + `) WHERE n.key = $key OR n.key STARTS WITH $prefix WITH n LIMIT 5000 DETACH DELETE n RETURN count(n) AS gone`
		for {
			gone, err := g.count(ctx, "wipe the graph", cypher, map[string]any{"key": g.prefix, "prefix": g.prefix + "/"})
			if err != nil {
				return err
			}
			if gone == 0 {
				break
			}
		}
	}
	return nil
}

// count runs a write and gives the number in its only row.
func (g *Graph) count(ctx context.Context, doing, cypher string, params map[string]any) (int64, error) {
	var n int64
	err := g.call(ctx, doing, cypher, writeTime, func(ctx context.Context, session neo4j.SessionWithContext) error {
		_, err := session.ExecuteWrite(ctx, func(tx neo4j.ManagedTransaction) (any, error) {
			result, err := tx.Run(ctx, cypher, params)
			if err != nil {
				return nil, err
			}
			record, err := result.Single(ctx)
			if err != nil {
				return nil, err
			}
			n, err = value[int64](record, record.Keys[0])
			return nil, err
		})
		return err
	})
	return n, err
}

// value reads one column of a row; null is the zero value.
func value[T neo4j.RecordValue](r *neo4j.Record, column string) (T, error) {
	v, _, err := neo4j.GetRecordValue[T](r, column)
	return v, err //nolint:wrapcheck // names column and type
}
