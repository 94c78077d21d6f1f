package ingest

import (
	"strings"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/convert"
	"github.com/city-resource-graph/crg/ingest/source"
)

// The gazetteer is made of the city's own rows: what one row says about an address, another without coordinates may use.
// Only data sets that name their address take part, each for those that stand below it and for itself.

// remember notes the place of a row's address. Rows that are rejected later may do so too: their place has been checked.
func (m *mapper) remember(record *source.Record) {
	row := Row{}
	r, rejected := m.read(record, &row)
	if rejected != nil || r.point == nil || r.byAddress || len(m.state.Places) >= maxPlaces {
		return
	}
	if address := simplest(r.values[m.index[m.Address]]); address != "" {
		if _, known := m.state.Places[address]; !known {
			m.state.Places[address] = *r.point
		}
	}
}

// byAddress finds the place of a row without coordinates.
func (m *mapper) byAddress(r *reading) *city.Point {
	if m.Address == "" {
		return nil
	}
	at, known := m.state.Places[simplest(r.values[m.index[m.Address]])]
	if !known {
		return nil
	}
	return &at
}

// shortened are the words of addresses that people write in several ways.
var shortened = map[string]string{
	"street": "st", "avenue": "ave", "road": "rd", "drive": "dr", "boulevard": "blvd", "lane": "ln", "court": "ct", "place": "pl",
	"highway": "hwy", "parkway": "pkwy", "square": "sq", "north": "n", "south": "s", "east": "e", "west": "w",
	"northwest": "nw", "northeast": "ne", "southwest": "sw", "southeast": "se",
}

// simplest writes an address without case, punctuation and long forms. One without a number is none: a street is long.
func simplest(value convert.Value) string {
	words := strings.FieldsFunc(strings.ToLower(value.Text), func(r rune) bool {
		return r < 0x80 && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
	numbered := false
	for i, word := range words {
		numbered = numbered || word[0] >= '0' && word[0] <= '9'
		if short, is := shortened[word]; is {
			words[i] = short
		}
	}
	if !numbered || len(words) < 2 {
		return ""
	}
	return strings.Join(words, " ")
}
