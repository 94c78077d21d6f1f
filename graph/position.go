package graph

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// mark is the label of the one node that says how far the graph is. Whoever wipes the graph deletes it too: what stands
// on it is written only while it is there, in one transaction with it, so that a graph that was wiped in the middle of a
// write is never taken for a whole one.
const mark = "Projection"

// ErrIncomplete means that the graph lost what it held.
var ErrIncomplete = errors.New("the graph lost what it held")

// Position is the position of the last event that the graph holds; false when it holds none, because it is new or was
// wiped.
func (g *Graph) Position(ctx context.Context) (int64, bool, error) {
	found, err := read(ctx, g, "read the graph's position",
		`MATCH (p:Projection {key: $key}) WHERE p.position IS NOT NULL RETURN p.position AS position`,
		map[string]any{"key": g.prefix}, func(r *neo4j.Record) (int64, error) { return value[int64](r, "position") })
	if err != nil || len(found) == 0 {
		return 0, false, err
	}
	return found[0], true, nil
}

// advance is the statement that notes how far the graph is, if it was as far as since.
func (g *Graph) advance(since, position int64) statement {
	return statement{
		cypher: `MATCH (p:Projection {key: $key}) WHERE p.position >= $since SET p.position = $position RETURN p.key`,
		params: map[string]any{"key": g.prefix, "since": since, "position": position}, needed: true,
	}
}

// StartBuild begins to fill the graph, or joins whoever has begun, and gives the build's name for EndBuild.
func (g *Graph) StartBuild(ctx context.Context) (build string, err error) {
	return one[string](ctx, g, "start to build the graph",
		`MERGE (p:Projection {key: $key}) SET p.build = coalesce(p.build, $build) RETURN p.build`,
		map[string]any{"key": g.prefix, "build": rand.Text()})
}

// EndBuild notes how far the graph is that a build has filled; ErrIncomplete when it was wiped meanwhile, or when
// somebody else has ended the same build.
func (g *Graph) EndBuild(ctx context.Context, build string, position int64) error {
	return g.write(ctx, "note the graph's position", statement{
		cypher: `MATCH (p:Projection {key: $key, build: $build}) SET p.position = $position REMOVE p.build RETURN p.key`,
		params: map[string]any{"key": g.prefix, "build": build, "position": position}, needed: true,
	})
}

// Wipe deletes all that the installation has in the graph, in steps that each fit into memory. The mark goes first, so
// that nothing more is written on it, and again at the end, should somebody have begun to build meanwhile.
func (g *Graph) Wipe(ctx context.Context) error {
	for _, label := range slices.Concat([]string{mark}, labels) {
		cypher := `MATCH (n:` + label + `) WHERE n.key = $key OR n.key STARTS WITH $prefix WITH n LIMIT 5000 DETACH DELETE n RETURN count(n) AS gone`
		for {
			gone, err := one[int64](ctx, g, "wipe the graph", cypher, map[string]any{"key": g.prefix, "prefix": g.prefix + "/"})
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

// one runs a write and gives the value in its only row.
func one[T neo4j.RecordValue](ctx context.Context, g *Graph, doing, cypher string, params map[string]any) (T, error) {
	var found T
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
			found, err = value[T](record, record.Keys[0])
			return nil, err
		})
		return err
	})
	return found, err
}
