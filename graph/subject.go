package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/city-resource-graph/crg/city"
)

// Subject is a participant and every relation that begins at it: all that the graph knows from its rows.
type Subject struct {
	City  city.ID
	ID    city.ParticipantID
	Gone  bool // it is not in the graph, or no longer: rejected, or without a row
	Kind  city.Kind
	State city.ParticipantState
	Name  string
	Ward  string
	Point *city.Point

	Address     string // id in the city's address register
	EmailDomain string
	Operator    string // who runs it, as the source names them

	Offers     []Stock
	Needs      []Stock
	Deliveries []Delivery
	Vouches    []city.ParticipantID // for whom it vouches
}

// Stock is what a participant has open in one leaf.
type Stock struct {
	Leaf     city.Leaf
	Listings int64
	Left     int64 // neither held nor committed, in the leaf's unit
	Cold     int64 // of the listings: what is kept chilled or frozen
}

// Delivery is all that a participant has delivered to another one and that was confirmed.
type Delivery struct {
	To     city.ParticipantID
	Leaves []city.Leaf // in order
	Count  int64       // hand-overs
	Mass   city.Grams  // of what weighs anything; an hour of a hall does not
	Last   time.Time
}

// The types of relation, by the label of what they lead to. All of them begin at a participant.
const (
	at        = "AT"        // a Place: an address id
	mail      = "MAIL"      // a Domain
	runBy     = "RUN_BY"    // an Operator
	offers    = "OFFERS"    // a Category
	needs     = "NEEDS"     // a Category
	delivered = "DELIVERED" // a Participant
	vouched   = "VOUCHED"   // a Participant
)

// relation is one edge as it is written, read and digested.
type relation struct {
	kind     string
	to       string // id within its label, without scope
	leaves   string
	count    int64
	quantity int64 // in the leaf's unit; of deliveries in grams
	cold     int64
	last     int64 // milliseconds since 1970
}

func (r relation) line() string {
	return strings.Join([]string{
		r.kind, r.to, r.leaves, strconv.FormatInt(r.count, 10), strconv.FormatInt(r.quantity, 10), strconv.FormatInt(r.cold, 10),
		strconv.FormatInt(r.last, 10),
	}, "\t")
}

// relations are the edges of the subject.
func (s *Subject) relations() []relation {
	var all []relation
	for kind, to := range map[string]string{at: s.Address, mail: s.EmailDomain, runBy: plain(s.Operator)} {
		if to != "" {
			all = append(all, relation{kind: kind, to: to})
		}
	}
	for _, o := range s.Offers {
		all = append(all, relation{kind: offers, to: string(o.Leaf), count: o.Listings, quantity: o.Left, cold: o.Cold})
	}
	for _, n := range s.Needs {
		all = append(all, relation{kind: needs, to: string(n.Leaf), count: n.Listings, quantity: n.Left, cold: n.Cold})
	}
	for _, d := range s.Deliveries {
		all = append(all, relation{
			kind: delivered, to: string(d.To), leaves: joined(d.Leaves), count: d.Count, quantity: int64(d.Mass), last: d.Last.UnixMilli(),
		})
	}
	for _, v := range s.Vouches {
		all = append(all, relation{kind: vouched, to: string(v)})
	}
	return all
}

// Digest tells whether two states of a subject are the same.
type Digest string

// Digest of the subject as it is to be in the graph.
func (s *Subject) Digest() Digest {
	node := []string{string(s.Kind), string(s.State), s.Name, s.Ward, "", ""}
	if s.Point != nil {
		node[4], node[5] = number(s.Point.Lon), number(s.Point.Lat)
	}
	return digest(node, s.relations())
}

func digest(node []string, relations []relation) Digest {
	lines := make([]string, len(relations))
	for i, r := range relations {
		lines[i] = r.line()
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q\n%s", node, strings.Join(lines, "\n"))))
	return Digest(hex.EncodeToString(sum[:8]))
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// legal are words that some write with the name and others do not.
var legal = []string{"the", "inc", "incorporated", "llc", "ltd", "limited", "corp", "corporation", "co", "company", "of", "and"}

// plain is a name without case, marks, legal form and order of words, so that "The Pantry, Inc." and "pantry" are one.
func plain(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(legal, w) })
	if len(kept) == 0 {
		kept = words
	}
	slices.Sort(kept)
	return strings.Join(slices.Compact(kept), " ")
}

func joined(leaves []city.Leaf) string {
	words := make([]string, len(leaves))
	for i, leaf := range leaves {
		words[i] = string(leaf)
	}
	return strings.Join(words, ",")
}
