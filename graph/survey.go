package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/city-resource-graph/crg/city"
)

// Survey is what a city's graph holds, or ought to hold.
type Survey struct {
	Relations int64
	Digests   map[city.ParticipantID]Digest
}

// NewSurvey is an empty one.
func NewSurvey() Survey { return Survey{Digests: map[city.ParticipantID]Digest{}} }

// Add counts a subject as it ought to be in the graph.
func (v *Survey) Add(s Subject) {
	if s.Gone {
		return
	}
	v.Digests[s.ID] = s.Digest()
	v.Relations += int64(len(s.relations()))
}

// Digest is one for the whole city.
func (v *Survey) Digest() string {
	hash := sha256.New()
	for _, id := range slices.Sorted(maps.Keys(v.Digests)) {
		_, _ = fmt.Fprintf(hash, "%s %s\n", id, v.Digests[id]) // a hash never fails
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// Differences are the participants that two surveys do not agree on, in order.
func (v *Survey) Differences(other Survey) []city.ParticipantID {
	var differ []city.ParticipantID
	for id, d := range v.Digests {
		if other.Digests[id] != d {
			differ = append(differ, id)
		}
	}
	for id := range other.Digests {
		if _, there := v.Digests[id]; !there {
			differ = append(differ, id)
		}
	}
	slices.Sort(differ)
	return differ
}

// surveyPage is how many participants are read at a time.
const surveyPage = 2000

// contents are the columns of what a participant p is in the graph.
const contents = ` RETURN p.key AS key, p.id AS id, [p.kind, p.state, p.name, p.ward] AS node, p.lon AS lon, p.lat AS lat, p.digest AS digest,
	COLLECT { MATCH (p)-[r]->(t) RETURN [type(r), t.key, r.leaves, r.count, r.quantity, r.cold, r.last] } AS relations`

// Survey reads all that the graph holds of a city and digests it anew: what the nodes say of themselves is not believed.
// Beat is called after every page; it may be nil.
func (g *Graph) Survey(ctx context.Context, c city.ID, beat func()) (Survey, error) {
	survey := NewSurvey()
	after := g.scope(c)
	for {
		page, err := read(ctx, g, "survey the graph", `MATCH (p:Participant) WHERE p.key > $after AND p.key STARTS WITH $scope
			WITH p ORDER BY p.key LIMIT $limit`+contents,
			map[string]any{"after": after, "scope": g.scope(c), "limit": surveyPage},
			func(r *neo4j.Record) (surveyed, error) { return g.surveyed(c, r) })
		if err != nil {
			return Survey{}, err
		}
		for _, one := range page {
			after = one.key
			survey.take(one)
		}
		if beat != nil {
			beat()
		}
		if len(page) < surveyPage {
			return survey, nil
		}
	}
}

// SurveyOf is Survey of some participants.
func (g *Graph) SurveyOf(ctx context.Context, c city.ID, ids []city.ParticipantID) (Survey, error) {
	survey := NewSurvey()
	found, err := read(ctx, g, "survey some of the graph", `UNWIND $keys AS key MATCH (p:Participant {key: key})`+contents,
		map[string]any{"keys": g.keys(c, ids)}, func(r *neo4j.Record) (surveyed, error) { return g.surveyed(c, r) })
	for _, one := range found {
		survey.take(one)
	}
	return survey, err
}

func (v *Survey) take(one surveyed) {
	if one.id != "" {
		v.Digests[one.id] = one.digest
		v.Relations += one.relations
	}
}

type surveyed struct {
	key       string
	id        city.ParticipantID // empty: only others know it
	digest    Digest
	relations int64
}

func (g *Graph) surveyed(c city.ID, r *neo4j.Record) (surveyed, error) {
	var one surveyed
	var err error
	if one.key, err = value[string](r, "key"); err != nil {
		return one, err
	}
	id, _ := r.Get("id")
	if id == nil {
		return one, nil
	}
	one.id = city.ParticipantID(fmt.Sprint(id))
	node := make([]string, 0, 6)
	for _, v := range list(r, "node") {
		node = append(node, text(v))
	}
	for _, column := range []string{"lon", "lat"} {
		v, _ := r.Get(column)
		if x, ok := v.(float64); ok {
			node = append(node, number(x))
		} else {
			node = append(node, "")
		}
	}
	var relations []relation
	for _, v := range list(r, "relations") {
		relations = append(relations, g.relation(c, v))
	}
	one.relations, one.digest = int64(len(relations)), digest(node, relations)
	if stored, _ := r.Get("digest"); text(stored) != string(one.digest) {
		one.digest += "!" // what projection goes by is wrong, whatever the rest is
	}
	return one, nil
}

func (g *Graph) relation(c city.ID, v any) relation {
	columns, _ := v.([]any)
	if len(columns) != 7 {
		return relation{}
	}
	r := relation{kind: text(columns[0]), to: text(columns[1]), leaves: text(columns[2])}
	for i, n := range []*int64{&r.count, &r.quantity, &r.cold, &r.last} {
		*n, _ = columns[3+i].(int64)
	}
	if targets[r.kind] == "Category" {
		r.to = strings.TrimPrefix(r.to, g.prefix+"//")
	} else {
		r.to = g.id(c, r.to)
	}
	return r
}

func list(r *neo4j.Record, column string) []any {
	v, _ := r.Get(column)
	items, _ := v.([]any)
	return items
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// Prune deletes what no participant leads to any more: addresses, domains, operators, and participants that
// nobody knows.
func (g *Graph) Prune(ctx context.Context, c city.ID) error {
	for _, label := range []string{"Place", "Domain", "Operator"} {
		err := g.write(ctx, "prune the graph", step(
			`MATCH (n:`+label+`) WHERE n.key STARTS WITH $scope AND NOT (n)<--() DELETE n`, map[string]any{"scope": g.scope(c)},
		))
		if err != nil {
			return err
		}
	}
	return g.write(ctx, "prune the graph", step(
		`MATCH (n:Participant) WHERE n.key STARTS WITH $scope AND n.id IS NULL AND NOT (n)--() DELETE n`, map[string]any{"scope": g.scope(c)},
	))
}

// Participants counts those of a city that the graph holds; a node that only relations of others lead to is none.
func (g *Graph) Participants(ctx context.Context, c city.ID) (int64, error) {
	found, err := read(ctx, g, "count the participants", `MATCH (p:Participant) WHERE p.key STARTS WITH $scope AND p.id IS NOT NULL
		RETURN count(p) AS n`, map[string]any{"scope": g.scope(c)}, func(r *neo4j.Record) (int64, error) { return value[int64](r, "n") })
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}
