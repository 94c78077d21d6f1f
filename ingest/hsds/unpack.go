package hsds

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/ingest/source"
)

// Entity is what becomes a row.
type Entity string

// Entities of a package. A service that is offered at several locations is a row for each. Rows of all other tables that
// refer to nothing are told with the services.
const (
	Services      Entity = "services"
	Organizations Entity = "organizations"
	Locations     Entity = "locations"
)

// Unpack writes the rows of a package as a flat file.
func Unpack(path string, entity Entity, out io.Writer) error {
	d, err := readDescriptor(path)
	if err != nil {
		return err
	}
	t := newTables(path)
	if d != nil {
		err = t.readTabular(path, d)
	} else {
		err = t.readJSON(path)
	}
	if err != nil {
		return err
	}
	flat, err := source.NewFlatWriter(out, nil)
	if err != nil {
		return err
	}
	j := newJoin(t, flat)
	switch entity {
	case Organizations:
		err = j.organizations()
	case Locations:
		err = j.locations()
	default:
		err = j.services()
	}
	if err != nil {
		return err
	}
	return flat.Flush()
}

// join follows the references of a package.
type join struct {
	*tables

	out        *source.FlatWriter
	addresses  map[string]*row   // by location
	schedules  map[string][]*row // by what they are of
	attributes map[string][]*row
	places     map[string][]*row // services at locations, by service
}

func newJoin(t *tables, out *source.FlatWriter) *join {
	j := &join{
		tables: t, out: out, addresses: map[string]*row{}, schedules: map[string][]*row{}, attributes: map[string][]*row{}, places: map[string][]*row{},
	}
	for _, r := range t.rows["address"] {
		if at := r.get("location_id"); j.addresses[at] == nil || r.get("address_type") == "physical" {
			j.addresses[at] = r
		}
	}
	for _, r := range t.rows["schedule"] {
		for _, column := range []string{"service_at_location_id", "location_id", "service_id"} {
			if id := r.get(column); id != "" {
				j.schedules[id] = append(j.schedules[id], r)
				break
			}
		}
	}
	for _, r := range t.rows["attribute"] {
		j.attributes[r.get("link_id")] = append(j.attributes[r.get("link_id")], r)
	}
	for _, r := range t.rows["service_at_location"] {
		j.places[r.get("service_id")] = append(j.places[r.get("service_id")], r)
	}
	return j
}

func (j *join) services() error {
	for _, service := range j.rows["service"] {
		if fault := j.faultOf("service", service); fault != nil {
			if err := j.refused(service, *fault); err != nil {
				return err
			}
			continue
		}
		places := 0
		for _, place := range j.places[service.get("id")] {
			if j.faultOf("service_at_location", place) != nil {
				continue
			}
			places++
			if err := j.service(service, place); err != nil {
				return err
			}
		}
		if places == 0 {
			if err := j.service(service, nil); err != nil {
				return err
			}
		}
	}
	return j.dangling()
}

// refused tells a faulty service, and what was to be had of it at each location.
func (j *join) refused(service *row, fault source.Fault) error {
	if err := j.out.Fault(service.line, service.file, fault); err != nil {
		return err
	}
	for _, place := range j.places[service.get("id")] {
		if j.find("service", place.get("service_id")) != service || j.faultOf("service_at_location", place) != nil {
			continue
		}
		if err := j.out.Fault(place.line, place.file, source.Fault{
			Field: "service_id", Value: place.get("service_id"), Reason: "its service is rejected: mend that first",
		}); err != nil {
			return err
		}
	}
	return nil
}

// dangling tells the faulty rows of all tables that are no rows of another data set.
func (j *join) dangling() error {
	for _, kind := range slices.Sorted(maps.Keys(j.rows)) {
		if kind == "service" || kind == "organization" || kind == "location" {
			continue
		}
		for _, r := range j.rows[kind] {
			if fault := j.faultOf(kind, r); fault != nil {
				if err := j.out.Fault(r.line, r.file, *fault); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (j *join) faultOf(kind string, r *row) *source.Fault {
	if r.fault != nil {
		return r.fault
	}
	return j.links(kind, r)
}

// service writes a service at one location, or at none.
func (j *join) service(service, place *row) error {
	values := map[string]string{}
	for _, column := range []string{"id", "name", "description", "url", "status", "organization_id"} {
		values[column] = service.get(column)
	}
	line, file := service.line, service.file
	spans := j.schedules[service.get("id")]
	attributes := j.attributes[service.get("id")]
	if organization := j.find("organization", service.get("organization_id")); organization != nil {
		values["organization_name"], values["organization_email"] = organization.get("name"), organization.get("email")
		if parent := organization.get("parent_organization_id"); parent != "" {
			values["organization_parent"] = parent
			if named := j.find("organization", parent); named != nil {
				values["organization_parent"] = named.get("name")
			}
		}
		for name, value := range attributesOf(j.attributes[organization.get("id")]) {
			values["organization."+name] = value
		}
	}
	if place != nil {
		line, file = place.line, place.file
		values["service_at_location_id"] = place.get("id")
		location := j.find("location", place.get("location_id"))
		j.place(values, location)
		if own := j.schedules[place.get("id")]; len(own) > 0 {
			spans = own
		} else if len(spans) == 0 {
			spans = j.schedules[location.get("id")]
		}
		attributes = append(attributes[:len(attributes):len(attributes)], j.attributes[place.get("id")]...)
	}
	values["hours"] = hours(spans)
	maps.Copy(values, attributesOf(attributes))
	values["terms"] = j.terms(attributes)
	return j.write(line, file, values)
}

// place adds a location's columns.
func (j *join) place(values map[string]string, location *row) {
	values["location_id"], values["location_name"] = location.get("id"), location.get("name")
	values["latitude"], values["longitude"] = location.get("latitude"), location.get("longitude")
	address := j.addresses[location.get("id")]
	if address == nil {
		return
	}
	parts := make([]string, 0, 4)
	for _, column := range []string{"address_1", "address_2", "city", "postal_code"} {
		if part := address.get(column); part != "" {
			parts = append(parts, part)
		}
	}
	values["address"] = strings.Join(parts, ", ")
}

// attributesOf are the values of attributes by their link_type, as columns attribute.<link_type>.
func attributesOf(list []*row) map[string]string {
	values := map[string]string{}
	for _, r := range list {
		if name := r.get("link_type"); name != "" && r.get("value") != "" {
			values["attribute."+name] = r.get("value")
		}
	}
	return values
}

// terms are the codes, or else the names, of the taxonomy terms of attributes.
func (j *join) terms(list []*row) string {
	var terms []string
	for _, r := range list {
		if term := j.find("taxonomy_term", r.get("taxonomy_term_id")); term != nil {
			terms = append(terms, or(term.get("code"), term.get("name")))
		}
	}
	return strings.Join(terms, "; ")
}

func (j *join) organizations() error {
	for _, r := range j.rows["organization"] {
		values := map[string]string{}
		for _, column := range []string{"id", "name", "description", "website", "email", "legal_status"} {
			values[column] = r.get(column)
		}
		if err := j.entity("organization", r, values); err != nil {
			return err
		}
	}
	return nil
}

func (j *join) locations() error {
	for _, r := range j.rows["location"] {
		values := map[string]string{"id": r.get("id"), "description": r.get("description"), "transportation": r.get("transportation")}
		j.place(values, r)
		if err := j.entity("location", r, values); err != nil {
			return err
		}
	}
	return nil
}

func (j *join) entity(kind string, r *row, values map[string]string) error {
	if fault := j.faultOf(kind, r); fault != nil {
		return j.out.Fault(r.line, r.file, *fault)
	}
	return j.write(r.line, r.file, values)
}

func (j *join) write(line int64, file string, values map[string]string) error {
	for name, value := range values {
		if value == "" {
			delete(values, name)
		}
	}
	text, err := json.Marshal(values) // in the order of the columns' names, so that the same row has the same digest
	if err != nil {
		return err
	}
	return j.out.Row(line, file, text)
}
