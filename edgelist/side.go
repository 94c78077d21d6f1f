package edgelist

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"
)

// side is the needs or the resources: ids with quantities, in canonical order.
type side struct {
	name     string // "need" or "resource"
	ids      []string
	quantity []int64
	index    *index

	wards   []string // of needs, and their tiers and weights (in millionths); nil where the table has no such column
	tiers   []int
	weights []int64
}

// compareIDs is the canonical order of ids: the shorter first, among equally long ones by their bytes. Numbered ids
// come in the order of their numbers.
func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// readSide reads a table of ids and quantities.
func readSide(path, name string) (*side, error) {
	var optional []string
	if name == "need" {
		optional = []string{"ward", "tier", "weight"}
	}
	t, err := openTable(path, []string{"id", "quantity"}, optional)
	if err != nil {
		return nil, err
	}
	lines := bytes.Count(t.data[t.body:], []byte{'\n'})
	s := &side{name: name, ids: make([]string, 0, lines), quantity: make([]int64, 0, lines)}
	var text strings.Builder // all ids in one piece of memory
	text.Grow(len(t.data) - t.body)
	extra := s.extra(t)
	err = t.each(func(r *row, line func() int) error {
		if len(r[0]) == 0 {
			return t.errorf(line(), "id is empty")
		}
		n, ok := number(r[1])
		if !ok || n < 0 {
			return t.errorf(line(), "%s", explain("quantity", r[1], 0))
		}
		from := text.Len()
		text.Write(r[0])
		s.ids = append(s.ids, text.String()[from:])
		s.quantity = append(s.quantity, n)
		if extra != nil {
			return extra(r, line)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(t.data) { // the edges can only have the ids that stand here
		return nil, t.notUTF8()
	}
	s.sort()
	for k := 1; k < len(s.ids); k++ {
		if s.ids[k] == s.ids[k-1] {
			return nil, t.duplicate(s.ids[k])
		}
	}
	s.index = newIndex(s.ids)
	return s, nil
}

// notUTF8 names the first line that is not UTF-8. Ids and wards are written into JSON, too, which can have no other text.
func (t *table) notUTF8() error {
	for at, line := range bytes.Split(t.data, []byte{'\n'}) {
		if !utf8.Valid(line) {
			return t.errorf(at+1, "is not UTF-8 (%q), want CSV as plain text in UTF-8", shorten(line))
		}
	}
	return nil
}

// extra reads ward, tier and weight of a need; nil where the table has none of them.
func (s *side) extra(t *table) func(r *row, line func() int) error {
	hasWard, hasTier, hasWeight := t.has(2), t.has(3), t.has(4)
	if !hasWard && !hasTier && !hasWeight {
		return nil
	}
	if hasWard {
		s.wards = []string{}
	}
	if hasTier {
		s.tiers = []int{}
	}
	if hasWeight {
		s.weights = []int64{}
	}
	names := map[string]string{} // each ward once in memory
	return func(r *row, line func() int) error {
		if hasWard {
			ward, known := names[string(r[2])]
			if !known {
				ward = string(r[2])
				names[ward] = ward
			}
			s.wards = append(s.wards, ward)
		}
		if hasTier {
			tier, ok := number(r[3])
			if !ok || tier < 0 || tier > MostTier {
				return t.errorf(line(), "tier is %q: want a whole number from 0 to %d, the lowest is served first", shorten(r[3]), MostTier)
			}
			s.tiers = append(s.tiers, int(tier))
		}
		if hasWeight {
			millionths, ok := weight(r[4])
			if !ok {
				return t.errorf(line(), "weight is %q: want a number from 0 to %d with at most six decimals, such as 1.5", shorten(r[4]), MostWeight)
			}
			s.weights = append(s.weights, millionths)
		}
		return nil
	}
}

// sort brings the side into canonical order; most files are in it already.
func (s *side) sort() {
	if slices.IsSortedFunc(s.ids, compareIDs) {
		return
	}
	// What decides mostly, length and first bytes, is kept beside each place: the ids themselves lie all over memory.
	type item struct {
		head     uint64
		size, at int32
	}
	order := make([]item, len(s.ids))
	for k, id := range s.ids {
		var head [8]byte
		copy(head[:], id)
		order[k] = item{binary.BigEndian.Uint64(head[:]), int32(len(id)), int32(k)}
	}
	slices.SortFunc(order, func(a, b item) int {
		if c := cmp.Or(cmp.Compare(a.size, b.size), cmp.Compare(a.head, b.head)); c != 0 {
			return c
		}
		return strings.Compare(s.ids[a.at], s.ids[b.at])
	})
	// The ids themselves move, too: whatever passes over them later finds one beside the other.
	size := 0
	for _, id := range s.ids {
		size += len(id)
	}
	var text strings.Builder
	text.Grow(size)
	ids, quantity := make([]string, len(order)), make([]int64, len(order))
	for to, from := range order {
		begin := text.Len()
		text.WriteString(s.ids[from.at])
		ids[to], quantity[to] = text.String()[begin:], s.quantity[from.at]
	}
	s.ids, s.quantity = ids, quantity
	if s.wards == nil && s.tiers == nil && s.weights == nil {
		return
	}
	places := make([]int32, len(order))
	for to, from := range order {
		places[to] = from.at
	}
	if s.wards != nil {
		s.wards = pick(s.wards, places)
	}
	if s.tiers != nil {
		s.tiers = pick(s.tiers, places)
	}
	if s.weights != nil {
		s.weights = pick(s.weights, places)
	}
}

// duplicate finds the second line that has an id.
func (t *table) duplicate(id string) error {
	first := 0
	return t.each(func(r *row, line func() int) error {
		if string(r[0]) != id {
			return nil
		}
		if first == 0 {
			first = line()
			return nil
		}
		return t.errorf(line(), "id %q occurs twice, first in line %d", id, first)
	})
}
