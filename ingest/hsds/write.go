package hsds

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// Version is the version of the specification that is written.
const Version = "3.0.1"

// Holder is a participant with what it offers and asks for.
type Holder struct {
	city.Participant

	Listings []city.Listing
}

// The attributes by which an export reads back in. HSDS leaves the names of attributes to their publisher.
const (
	kindAttribute    = "crg:kind"
	addressAttribute = "crg:address"
	listingAttribute = "crg:listing" // all that a listing states besides holder and place, as JSON
)

// entity is a row of a table, or an object of JSON, by HSDS's names.
type entity map[string]any

// described is a holder as HSDS says it.
type described struct {
	organization entity
	attributes   []entity // of the organization
	services     []describedService
}

type describedService struct {
	service, at, location entity
	attributes            []entity
	schedules             []entity
	term                  entity
}

// describe says a holder in HSDS. Private persons have no name in it and stand at their block, as on maps.
func describe(h Holder, zone *time.Location, titles func(city.Leaf) string) (described, error) {
	private := h.Kind == city.Person
	name := h.Name
	if private {
		name = "private person"
	}
	id := string(h.ID)
	d := described{
		organization: entity{"id": id, "name": name, "description": "A participant of City Resource Graph: " + string(h.Kind)},
		attributes:   []entity{attribute(id, "organization", kindAttribute, string(h.Kind), "")},
	}
	if h.AddressID != "" && !private {
		d.attributes = append(d.attributes, attribute(id, "organization", addressAttribute, h.AddressID, ""))
	}
	for _, l := range h.Listings {
		s, err := describeListing(l, private, zone, titles)
		if err != nil {
			return d, err
		}
		s.service["organization_id"] = id
		d.services = append(d.services, s)
	}
	return d, nil
}

func describeListing(l city.Listing, private bool, zone *time.Location, titles func(city.Leaf) string) (describedService, error) {
	id := string(l.ID)
	point := l.Point
	if private && point != nil {
		point = &city.Point{Lon: block(point.Lon), Lat: block(point.Lat)}
		if l.LocationQuality == city.Exact || l.LocationQuality == city.Street {
			l.LocationQuality = city.Block
		}
	}
	stated, err := Stated(l)
	if err != nil {
		return describedService{}, err
	}
	verb := "Offered"
	if l.Side == city.NeedSide {
		verb = "Asked for"
	}
	s := describedService{
		service: entity{
			"id": id, "name": or(l.Title, titles(l.Leaf)), "status": "active",
			"description": fmt.Sprintf("%s: %d %s of %s", verb, l.Quantity.Amount, l.Quantity.Unit, titles(l.Leaf)),
		},
		term:       entity{"id": termID(l.Leaf), "code": string(l.Leaf), "name": titles(l.Leaf), "description": titles(l.Leaf), "taxonomy": "City Resource Graph"},
		attributes: []entity{attribute(id, "service", listingAttribute, stated, termID(l.Leaf))},
	}
	if point != nil {
		place := id + ".place"
		s.location = entity{"id": place, "location_type": "physical", "name": or(l.Title, id), "latitude": point.Lat, "longitude": point.Lon}
		s.at = entity{"id": id + ".at", "service_id": id, "location_id": place}
	}
	for i, w := range l.Windows {
		from, to := w.Start.In(zone), w.End.In(zone)
		day := from.Format("2006-01-02")
		s.schedules = append(s.schedules, entity{
			"id": id + ".w" + strconv.Itoa(i+1), "service_id": id, "valid_from": day, "valid_to": to.Format("2006-01-02"), "dtstart": day,
			"freq": "DAILY", "count": 1, "opens_at": from.Format("15:04:05"), "closes_at": to.Format("15:04:05"),
		})
	}
	return s, nil
}

// Stated is all that a listing states besides who holds it, where it is and where it comes from.
func Stated(l city.Listing) (string, error) {
	l.ID, l.City, l.Holder, l.Point, l.Ward, l.State, l.Source, l.SourceKey = "", "", "", nil, "", "", "", ""
	l.Windows = slices.Clone(l.Windows)
	for i, w := range l.Windows {
		l.Windows[i] = city.Window{Start: w.Start.UTC(), End: w.End.UTC()}
	}
	text, err := json.Marshal(l)
	if err != nil {
		return "", fmt.Errorf("state a listing: %w", err)
	}
	return string(text), nil
}

// block rounds a coordinate to about 100 m.
func block(degrees float64) float64 { return math.Round(degrees*1000) / 1000 }

func termID(leaf city.Leaf) string { return "crg." + string(leaf) }

func attribute(link, entityName, kind, value, term string) entity {
	a := entity{"id": link + "." + kind, "link_id": link, "link_entity": entityName, "link_type": kind, "value": value}
	if term != "" {
		a["taxonomy_term_id"] = term
	}
	return a
}

// WriteJSON writes a list of organizations, each with its services and where they are. It holds one holder at a time.
func WriteJSON(w io.Writer, holders iter.Seq2[Holder, error], zone *time.Location, titles func(city.Leaf) string) error {
	before := "[\n"
	for h, err := range holders {
		if err != nil {
			return err
		}
		d, err := describe(h, zone, titles)
		if err != nil {
			return err
		}
		text, err := json.Marshal(d.nested())
		if err != nil {
			return fmt.Errorf("write HSDS: %w", err)
		}
		if _, err := w.Write(append([]byte(before), text...)); err != nil {
			return err
		}
		before = ",\n"
	}
	end := "\n]\n"
	if before == "[\n" {
		end = "[]\n"
	}
	_, err := io.WriteString(w, end)
	return err
}

// nested is a holder as one object.
func (d described) nested() entity {
	services := make([]entity, 0, len(d.services))
	for _, s := range d.services {
		service := s.service
		for _, a := range s.attributes {
			a["taxonomy_term"] = s.term
		}
		service["attributes"] = s.attributes
		if s.at != nil {
			s.at["location"] = s.location
			service["service_at_locations"] = []entity{s.at}
		}
		if len(s.schedules) > 0 {
			service["schedules"] = s.schedules
		}
		services = append(services, service)
	}
	whole := d.organization
	whole["attributes"], whole["services"] = d.attributes, services
	return whole
}
