package graph

import (
	"cmp"
	"context"
	"slices"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/city-resource-graph/crg/city"
)

// Duplicate is another participant that may be the same one, with the marks that say so.
type Duplicate struct {
	Participant  city.ParticipantID
	Other        city.ParticipantID
	OtherState   city.ParticipantState
	Likeness     float64 // of the names, 0 to 1
	SameAddress  bool
	SameDomain   bool // of e-mail
	SameOperator bool
	Apart        bool // both have an address, and not the same
}

// alike is the least likeness of names that is a mark, as in PostgreSQL.
const alike = 0.6

// suspicious says whether the marks are enough: a similar name with one other mark, or the address with the domain or the
// operator. Branches of a chain share name, domain and operator; each has an address of its own, and none is a duplicate.
func (d *Duplicate) suspicious() bool {
	name := d.Likeness >= alike
	switch {
	case d.SameAddress:
		return name || d.SameDomain || d.SameOperator
	case d.Apart:
		return false
	}
	return name && (d.SameDomain || d.SameOperator)
}

// crowd is how many participants may share an address, domain or operator before it says nothing: a mail
// provider's domain, a business centre.
const crowd = 25

// duplicatesPage is how many participants are asked about at a time.
const duplicatesPage = 500

// Duplicates finds possible duplicates of each of the subjects among all of the city, the most alike first. The subjects
// themselves need not be in the graph yet.
func (g *Graph) Duplicates(ctx context.Context, c city.ID, of []Subject) ([]Duplicate, error) {
	var all []Duplicate
	for page := range slices.Chunk(of, duplicatesPage) {
		asked := make([]any, len(page))
		for i, s := range page {
			asked[i] = g.marks(c, s)
		}
		found, err := read(ctx, g, "find duplicates", `UNWIND $asked AS a
			CALL (a) {
				MATCH (t:Place {key: a.place}) RETURN t, 'AT' AS mark
				UNION MATCH (t:Domain {key: a.domain}) RETURN t, 'MAIL' AS mark
				UNION MATCH (t:Operator {key: a.operator}) RETURN t, 'RUN_BY' AS mark
			}
			WITH a, t, mark WHERE COUNT { (t)<--() } <= $crowd
			MATCH (t)<--(o:Participant) WHERE o.id <> a.id
			WITH a, o, collect(mark) AS marks
			RETURN a.id AS id, a.name AS name, o.id AS other, o.name AS other_name, o.state AS state, marks,
				COALESCE(a.place <> head([(o)-[:AT]->(p) | p.key]), false) AS apart`,
			map[string]any{"asked": asked, "crowd": crowd}, duplicate)
		if err != nil {
			return nil, err
		}
		all = append(all, slices.DeleteFunc(found, func(d Duplicate) bool { return !d.suspicious() })...)
	}
	slices.SortFunc(all, func(a, b Duplicate) int {
		return cmp.Or(cmp.Compare(a.Participant, b.Participant), -cmp.Compare(a.Likeness, b.Likeness), cmp.Compare(a.Other, b.Other))
	})
	return all, nil
}

// marks are the keys by which a subject may be known; null where it has none.
func (g *Graph) marks(c city.ID, s Subject) map[string]any {
	asked := map[string]any{"id": string(s.ID), "name": s.Name, "place": nil, "domain": nil, "operator": nil}
	for mark, id := range map[string]string{"place": s.Address, "domain": s.EmailDomain, "operator": plain(s.Operator)} {
		if id != "" {
			asked[mark] = g.key(c, id)
		}
	}
	return asked
}

func duplicate(r *neo4j.Record) (Duplicate, error) {
	var words [5]string
	for i, column := range []string{"id", "name", "other", "other_name", "state"} {
		var err error
		if words[i], err = value[string](r, column); err != nil {
			return Duplicate{}, err
		}
	}
	marks := list(r, "marks")
	apart, err := value[bool](r, "apart")
	return Duplicate{
		Participant: city.ParticipantID(words[0]), Other: city.ParticipantID(words[2]), OtherState: city.ParticipantState(words[4]),
		Likeness: likeness(words[1], words[3]), SameAddress: slices.Contains(marks, any(at)), SameDomain: slices.Contains(marks, any(mail)),
		SameOperator: slices.Contains(marks, any(runBy)), Apart: apart,
	}, err
}
