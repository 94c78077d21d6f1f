package ingest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/convert"
	"github.com/city-resource-graph/crg/ingest/profile"
)

// quantity works out how much a listing is about. Zero or less means that there is nothing to list.
func (m *mapper) quantity(r *reading, entry *listing) (city.Quantity, *rejection) {
	spec := entry.Quantity
	quality := city.Declared
	var amount float64
	switch {
	case spec.Rule != "":
		quality = city.Inferred
		amount = m.city.rules[city.RuleID(spec.Rule)].Central
		if spec.Per != "" {
			amount *= r.values[m.index[spec.Per]].Number
		}
	case spec.Count != 0:
		amount = float64(spec.Count)
	case spec.Field != "":
		value := r.values[m.index[spec.Field]]
		column := m.Fields[spec.Field].Column
		if value.Kind != convert.Number || value.Number <= 0 {
			return city.Quantity{}, reject(column, value.Text, "want a quantity above 0")
		}
		amount = value.Number
	default:
		of := make([]float64, len(spec.Of))
		for i, name := range spec.Of {
			of[i] = r.values[m.index[name]].Number
		}
		amount = entry.compute.Compute(of, spec.Share)
	}
	whole := round(amount, spec.Round)
	if whole <= 0 && spec.Rule != "" {
		whole = max(whole, float64(spec.AtLeast))
	}
	if whole > float64(city.MaxQuantity) {
		return city.Quantity{}, reject(m.Fields[spec.Field].Column, fmt.Sprint(amount), "want at most %d", city.MaxQuantity)
	}
	if text := m.text(r, spec.Quality); text != "" {
		quality = city.Quality(text)
		if err := quality.Validate(); err != nil {
			return city.Quantity{}, reject(m.column(spec.Quality), text, "%v", err)
		}
	}
	return city.Quantity{Amount: int64(whole), Quality: quality, Rule: city.RuleID(spec.Rule)}, nil
}

// round makes a whole number. The ninth decimal is noise of the multiplication: 83 units a 3/83 are 3 pieces, not 4.
func round(amount float64, how string) float64 {
	amount = math.Round(amount*1e9) / 1e9
	switch how {
	case "up":
		return math.Ceil(amount)
	case "down":
		return math.Floor(amount)
	}
	return math.Round(amount)
}

// listing fills in one listing.
func (m *mapper) listing(r *reading, row *Row, entry *listing, quantity city.Quantity) (city.Listing, *rejection) {
	leaf := city.Leaf(m.text(r, entry.Leaf))
	category, err := m.city.taxonomy.Category(leaf)
	if err != nil || category.IsClass() {
		return city.Listing{}, reject(m.column(entry.Leaf), string(leaf), "unknown category: want a leaf such as %s", m.city.taxonomy.Leaves()[0].Leaf)
	}
	quantity.Unit = category.Unit
	l := city.Listing{
		ID: m.listingID(row, leaf), City: m.city.ID, Side: city.Side(entry.Side), Leaf: leaf, Title: m.text(r, entry.Title),
		Quantity: quantity, Point: r.point, LocationQuality: m.locationQuality(r), Ward: r.ward,
		Temperature: category.Temperature, State: city.ListingOpen, Origin: city.Origin(entry.Origin), Source: m.ID, SourceKey: row.Key,
		Attributes: m.attributes(r, entry.Attributes),
	}
	if text := m.text(r, entry.Temperature); text != "" {
		l.Temperature = city.Temperature(text)
	}
	if l.Temperature == "" {
		l.Temperature = city.Ambient
	}
	rejected := m.valid(l.Temperature.Validate(), entry.Temperature, string(l.Temperature))
	if rejected == nil {
		rejected = m.valid(l.LocationQuality.Validate(), m.LocationQuality, string(l.LocationQuality))
	}
	if rejected == nil {
		l.Windows, rejected = m.windows(r, entry.Windows)
	}
	if rejected == nil && l.Side == city.ResourceSide {
		l.Resource, rejected = m.resourceTerms(r, entry, &l)
	} else if rejected == nil {
		l.Need, rejected = m.needTerms(r, entry, &l)
		m.addIncome(&l)
	}
	if entry.AskFirst {
		l.State = city.ListingUnconfirmed
	}
	return l, rejected
}

// addIncome notes what the people around a need earn, where the city's statistics say it: the equity view weighs by it.
func (m *mapper) addIncome(l *city.Listing) {
	if l.Point == nil || l.LocationQuality == city.Default {
		return
	}
	income := m.areas.Income(*l.Point)
	if _, stated := l.Attributes[city.AreaIncomeAttribute]; stated || income == 0 {
		return
	}
	if l.Attributes == nil {
		l.Attributes = map[string]any{}
	}
	l.Attributes[city.AreaIncomeAttribute] = float64(income)
}

// listingID is <data set>.<key>.<leaf>; a second listing of one leaf in a row gets a number.
func (m *mapper) listingID(row *Row, leaf city.Leaf) city.ListingID {
	id := city.ListingID(m.ID + "." + row.Key + "." + string(leaf))
	same := 1
	for _, other := range row.Listings {
		if other.Leaf == leaf {
			same++
		}
	}
	if same > 1 {
		return city.ListingID(fmt.Sprintf("%s.%d", id, same))
	}
	return id
}

func (m *mapper) locationQuality(r *reading) city.LocationQuality {
	if r.byAddress {
		return city.Street // another row's point, however exact that was
	}
	if text := m.text(r, m.LocationQuality); text != "" {
		return city.LocationQuality(text)
	}
	return city.Exact
}

func (m *mapper) valid(err error, ref profile.Ref, value string) *rejection {
	if err == nil {
		return nil
	}
	return reject(m.column(ref), value, "%v", err)
}

// hold fills in who holds the row's listings.
func (m *mapper) hold(r *reading, row *Row) *rejection {
	for i := range m.reviews {
		if r.holds(m.reviews[i].when) {
			row.Review = m.reviews[i].because
			break
		}
	}
	if m.shared != nil {
		row.Participant, row.Review = m.shared, ""
	} else {
		participant, rejected := m.participant(r, row)
		if rejected != nil {
			return rejected
		}
		row.Participant = participant
	}
	for i := range row.Listings {
		row.Listings[i].Holder = row.Participant.ID
	}
	return nil
}

func (m *mapper) participant(r *reading, row *Row) (*city.Participant, *rejection) {
	h := m.Holder
	kind := city.Kind(m.text(r, h.Kind))
	if rejected := m.valid(kind.Validate(), h.Kind, string(kind)); rejected != nil {
		return nil, rejected
	}
	key := row.Key
	if len(h.Key) > 0 {
		parts := make([]string, len(h.Key))
		for i, name := range h.Key {
			parts[i] = r.values[m.index[name]].Text
		}
		if key = slug(parts, m.keyLimit); key == "" {
			return nil, reject(m.Fields[h.Key[0]].Column, "", "no holder: want the key of the one who offers or asks")
		}
		if kind == city.Person && slices.Contains(h.Key, h.Name) {
			key = nameless(key) // ids go into workflows and logs, where no private person is named
		}
	}
	p := &city.Participant{
		ID: city.ParticipantID(m.ID + "." + key), City: m.city.ID, Kind: kind, Name: m.named(r, h.Name), AddressID: m.named(r, h.Address),
		Point: r.point, LocationQuality: m.locationQuality(r), Ward: r.ward, State: city.ParticipantActive, Origin: row.Listings[0].Origin,
		Operator: m.named(r, h.Operator), Source: m.ID, SourceKey: key,
	}
	if p.Origin == city.Modelled {
		p.Origin = city.Observed // the rule made the listing; the holder is in the source
	}
	if p.Name == "" {
		p.Name = m.ID + " " + key
	}
	if _, domain, found := strings.Cut(m.named(r, h.Email), "@"); found {
		p.EmailDomain = strings.ToLower(domain)
	}
	if row.Review != "" {
		p.State = city.ParticipantApplied
	}
	return p, nil
}

// windows writes out when a listing is available, over the horizon from the as-of moment.
func (m *mapper) windows(r *reading, spec *profile.Windows) ([]city.Window, *rejection) {
	if spec == nil {
		return nil, nil
	}
	if spec.Pattern != "" {
		return m.city.weekly(m.city.profile.Windows[spec.Pattern]), nil
	}
	if spec.Field != "" {
		if value := r.values[m.index[spec.Field]]; value.Kind == convert.Hours {
			return m.city.write(value.Hours), nil
		}
		return m.city.weekly(m.city.profile.Windows[spec.Otherwise]), nil
	}
	window := m.city.horizon()
	if from := m.timeOf(r, spec.From); from != nil {
		window.Start = *from
	}
	if until := m.timeOf(r, spec.Until); until != nil {
		window.End = *until
	}
	if err := window.Validate(); err != nil {
		name := spec.Until
		if name == "" {
			name = spec.From
		}
		return nil, reject(m.Fields[name].Column, r.values[m.index[name]].Text, "%v", err)
	}
	return []city.Window{window}, nil
}

func (m *mapper) timeOf(r *reading, name string) *time.Time {
	if name == "" {
		return nil
	}
	if value := r.values[m.index[name]]; value.Kind == convert.Time {
		return &value.Time
	}
	return nil
}
