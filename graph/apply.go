package graph

import (
	"context"
	"slices"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// targets is the label that each type of relation leads to.
var targets = map[string]string{
	at: "Place", mail: "Domain", runBy: "Operator", offers: "Category", needs: "Category",
	delivered: "Participant", vouched: "Participant",
}

// Apply makes the graph equal to the subjects and notes the position of the last event that they hold, all in one
// transaction; it answers how many differed. A graph that is not as far as since, for it was wiped, is left alone and
// ErrIncomplete answered. What is equal already is left alone, too. A participant that only others know,
// because its own event has not come yet, is a node with nothing but its key.
func (g *Graph) Apply(ctx context.Context, subjects []Subject, since, position int64) (changed int, err error) {
	differing, err := g.differing(ctx, subjects)
	if err != nil {
		return 0, err
	}
	return len(differing), g.write(ctx, "project events", append([]statement{g.advance(since, position)}, g.statements(differing)...)...)
}

// Fill is Apply without a position, for a graph that is being built.
func (g *Graph) Fill(ctx context.Context, subjects []Subject) (changed int, err error) {
	differing, err := g.differing(ctx, subjects)
	if err != nil {
		return 0, err
	}
	return len(differing), g.Repair(ctx, differing)
}

// differing are the subjects that the graph does not have like this, as far as its nodes say.
func (g *Graph) differing(ctx context.Context, subjects []Subject) ([]Subject, error) {
	subjects = g.lastOfEach(subjects)
	current, err := g.digests(ctx, subjects)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(subjects, func(s Subject) bool {
		stored, there := current[g.key(s.City, string(s.ID))]
		if s.Gone {
			return !there || stored == "" // others may still know it
		}
		return stored == s.Digest()
	}), nil
}

// Repair writes the subjects whatever the graph says of them.
func (g *Graph) Repair(ctx context.Context, subjects []Subject) error {
	if len(subjects) == 0 {
		return nil
	}
	return g.write(ctx, "repair the graph", g.statements(g.lastOfEach(subjects))...)
}

// lastOfEach drops what a later one of the same participant follows.
func (g *Graph) lastOfEach(subjects []Subject) []Subject {
	at := make(map[string]int, len(subjects))
	for i, s := range subjects {
		at[g.key(s.City, string(s.ID))] = i
	}
	var kept []Subject
	for i, s := range subjects {
		if at[g.key(s.City, string(s.ID))] == i {
			kept = append(kept, s)
		}
	}
	return kept
}

// digests are the digests that the nodes carry, by key.
func (g *Graph) digests(ctx context.Context, subjects []Subject) (map[string]Digest, error) {
	keys := make([]string, len(subjects))
	for i, s := range subjects {
		keys[i] = g.key(s.City, string(s.ID))
	}
	found := map[string]Digest{}
	_, err := read(ctx, g, "read digests", `UNWIND $keys AS key MATCH (p:Participant {key: key}) RETURN p.key AS key, p.digest AS digest`,
		map[string]any{"keys": keys}, func(r *neo4j.Record) (bool, error) {
			key, err := value[string](r, "key")
			if err != nil {
				return false, err
			}
			stored, err := value[string](r, "digest")
			found[key] = Digest(stored)
			return true, err
		})
	return found, err
}

// statements write subjects: their nodes, then none of their relations, then all of them.
func (g *Graph) statements(subjects []Subject) []statement {
	var nodes []any
	var keys, gone []string
	rows := map[string][]any{}
	for _, s := range subjects {
		key := g.key(s.City, string(s.ID))
		keys = append(keys, key)
		if s.Gone {
			gone = append(gone, key)
			continue
		}
		nodes = append(nodes, g.node(s, key))
		for _, r := range s.relations() {
			rows[r.kind] = append(rows[r.kind], map[string]any{"from": key, "to": g.target(s, r), "props": r.props()})
		}
	}
	if len(keys) == 0 {
		return nil
	}
	all := []statement{step(`UNWIND $keys AS key MATCH (:Participant {key: key})-[r]->() DELETE r`, map[string]any{"keys": keys})}
	if len(gone) > 0 {
		all = append(all, step(`UNWIND $keys AS key MATCH (p:Participant {key: key}) SET p = {key: key}
			WITH p WHERE NOT (p)<--() DELETE p`, map[string]any{"keys": gone}))
	}
	if len(nodes) > 0 {
		all = append(all, step(
			`UNWIND $rows AS r MERGE (p:Participant {key: r.key}) SET p = r.props,
			p.at = CASE WHEN r.props.lon IS NULL THEN null ELSE point({longitude: r.props.lon, latitude: r.props.lat}) END`,
			map[string]any{"rows": nodes},
		))
	}
	for _, kind := range kinds() {
		if len(rows[kind]) > 0 {
			all = append(all, step(`UNWIND $rows AS r MATCH (p:Participant {key: r.from}) MERGE (t:`+targets[kind]+` {key: r.to})
				CREATE (p)-[x:`+kind+`]->(t) SET x = r.props`, map[string]any{"rows": rows[kind]}))
		}
	}
	return all
}

// kinds are the types of relation in one order, so that two writers lock in the same.
func kinds() []string {
	all := make([]string, 0, len(targets))
	for kind := range targets {
		all = append(all, kind)
	}
	slices.Sort(all)
	return all
}

func (g *Graph) node(s Subject, key string) map[string]any {
	props := map[string]any{
		"key": key, "id": string(s.ID), "city": string(s.City), "kind": string(s.Kind), "state": string(s.State), "name": s.Name,
		"ward": s.Ward, "digest": string(s.Digest()),
	}
	if s.Point != nil {
		props["lon"], props["lat"] = s.Point.Lon, s.Point.Lat
	}
	return map[string]any{"key": key, "props": props}
}

func (g *Graph) target(s Subject, r relation) string {
	if targets[r.kind] == "Category" {
		return g.prefix + "//" + r.to
	}
	return g.key(s.City, r.to)
}

// props are what the edge carries: nothing that is zero.
func (r relation) props() map[string]any {
	props := map[string]any{}
	if r.leaves != "" {
		props["leaves"] = r.leaves
	}
	for name, n := range map[string]int64{"count": r.count, "quantity": r.quantity, "cold": r.cold, "last": r.last} {
		if n != 0 {
			props[name] = n
		}
	}
	return props
}
