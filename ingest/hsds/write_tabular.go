package hsds

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// written are the tables of a tabular package with their columns, in the order in which their rows refer to each other.
var written = []struct {
	name, file string
	columns    []string
}{
	{"organization", "organizations.csv", []string{"id", "name", "description"}},
	{"service", "services.csv", []string{"id", "organization_id", "name", "description", "status"}},
	{"location", "locations.csv", []string{"id", "location_type", "name", "latitude", "longitude"}},
	{"service_at_location", "service_at_location.csv", []string{"id", "service_id", "location_id"}},
	{"schedule", "schedules.csv", []string{
		"id", "service_id", "valid_from", "valid_to", "dtstart", "freq", "count", "opens_at", "closes_at",
	}},
	{"taxonomy_term", "taxonomy_terms.csv", []string{"id", "code", "name", "description", "taxonomy"}},
	{"attribute", "attributes.csv", []string{"id", "link_id", "taxonomy_term_id", "link_type", "link_entity", "value"}},
}

// WriteTabular writes the tables and their datapackage.json into a folder.
func WriteTabular(folder string, holders iter.Seq2[Holder, error], zone *time.Location, titles func(city.Leaf) string) (err error) {
	p := &packageWriter{tables: map[string]*csv.Writer{}, terms: map[string]bool{}}
	defer func() { err = errors.Join(err, p.close()) }()
	for _, t := range written {
		file, err := os.Create(filepath.Join(folder, t.file))
		if err != nil {
			return fmt.Errorf("write HSDS: %w", err)
		}
		p.files = append(p.files, file)
		p.tables[t.name] = csv.NewWriter(file)
		if err := p.tables[t.name].Write(t.columns); err != nil {
			return fmt.Errorf("write HSDS: %w", err)
		}
	}
	for h, err := range holders {
		if err != nil {
			return err
		}
		d, err := describe(h, zone, titles)
		if err != nil {
			return err
		}
		if err := p.holder(d); err != nil {
			return err
		}
	}
	return writeDescriptor(filepath.Join(folder, Descriptor))
}

type packageWriter struct {
	files  []*os.File
	tables map[string]*csv.Writer
	terms  map[string]bool // written already
}

func (p *packageWriter) close() error {
	var all []error
	for _, table := range p.tables {
		table.Flush()
		all = append(all, table.Error())
	}
	for _, file := range p.files {
		all = append(all, file.Close())
	}
	return errors.Join(all...)
}

func (p *packageWriter) holder(d described) error {
	all := p.rows("organization", d.organization)
	all = errors.Join(all, p.rows("attribute", d.attributes...))
	for _, s := range d.services {
		all = errors.Join(all, p.rows("service", s.service))
		if s.at != nil {
			all = errors.Join(all, p.rows("location", s.location), p.rows("service_at_location", s.at))
		}
		if code := fmt.Sprint(s.term["id"]); !p.terms[code] {
			p.terms[code] = true
			all = errors.Join(all, p.rows("taxonomy_term", s.term))
		}
		all = errors.Join(all, p.rows("schedule", s.schedules...), p.rows("attribute", s.attributes...))
	}
	return all
}

func (p *packageWriter) rows(table string, entities ...entity) error {
	for _, t := range written {
		if t.name != table {
			continue
		}
		for _, e := range entities {
			row := make([]string, len(t.columns))
			for i, column := range t.columns {
				if value, there := e[column]; there {
					row[i] = fmt.Sprint(value)
				}
			}
			if err := p.tables[table].Write(row); err != nil {
				return fmt.Errorf("write HSDS: %w", err)
			}
		}
	}
	return nil
}

func writeDescriptor(path string) error {
	type column struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
	type table struct {
		Name    string `json:"name"`
		Path    string `json:"path"`
		Profile string `json:"profile"`
		Schema  struct {
			PrimaryKey string   `json:"primaryKey"`
			Fields     []column `json:"fields"`
		} `json:"schema"`
	}
	tables := make([]table, len(written))
	for i, t := range written {
		tables[i].Name, tables[i].Path, tables[i].Profile, tables[i].Schema.PrimaryKey = t.name, t.file, "tabular-data-resource", "id"
		for _, name := range t.columns {
			kind := "string"
			if name == "latitude" || name == "longitude" {
				kind = "number"
			}
			tables[i].Schema.Fields = append(tables[i].Schema.Fields, column{name, kind})
		}
	}
	text, err := json.MarshalIndent(map[string]any{
		"name": "human_services_data", "title": "City Resource Graph: participants, resources and needs", "profile": "tabular-data-package",
		"version": Version, "homepage": "http://docs.openreferral.org", "resources": tables,
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", Descriptor, err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", Descriptor, err)
	}
	return nil
}
