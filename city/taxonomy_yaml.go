package city

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

var categoryFields = []string{
	"title", "unit", "unit_kg", "price", "disposal_factor", "production_factor",
	"perish_days", "temperature", "substitutes", "hsds_term", "fema_kind",
}

// ReadTaxonomy reads a taxonomy file. Every figure must name one of the file's sources; what a leaf does not state it
// takes from its class, but weight and price are stated leaf by leaf.
func ReadTaxonomy(content []byte) (*Taxonomy, error) {
	document, err := YAMLDocument(content, "taxonomy")
	if err != nil {
		return nil, err
	}
	top, err := YAMLFields(document, "taxonomy", "version", "sources", "figures", "classes", "leaves")
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"version", "sources", "classes", "leaves"} {
		if top[name] == nil {
			return nil, fmt.Errorf("taxonomy.%s missing", name)
		}
	}
	reader := taxonomyReader{taxonomy: &Taxonomy{Version: top["version"].Value, Hash: digest(content), entries: map[Leaf]Category{}}}
	if reader.sources, err = ReadSources(top["sources"], "sources"); err != nil {
		return nil, err
	}
	for _, section := range []string{"classes", "leaves"} {
		if err := reader.section(section, top[section]); err != nil {
			return nil, err
		}
	}
	return reader.taxonomy, reader.taxonomy.validate()
}

type taxonomyReader struct {
	taxonomy *Taxonomy
	sources  map[string]string
}

func (r taxonomyReader) section(section string, node *yaml.Node) error {
	fields, err := YAMLFields(node, section)
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		leaf := Leaf(node.Content[i].Value)
		path := section + "." + string(leaf)
		if err := leaf.Class().Validate(); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if (string(leaf) == string(leaf.Class())) != (section == "classes") {
			return fmt.Errorf("%s: want class.name under leaves and a bare class under classes", path)
		}
		entry, err := r.category(leaf, fields[string(leaf)], path)
		if err != nil {
			return err
		}
		r.taxonomy.entries[leaf] = entry
		r.taxonomy.order = append(r.taxonomy.order, leaf)
	}
	return nil
}

func (r taxonomyReader) category(leaf Leaf, node *yaml.Node, path string) (Category, error) {
	if node == nil {
		return Category{}, fmt.Errorf("%s: empty", path)
	}
	fields, err := YAMLFields(node, path, categoryFields...)
	if err != nil {
		return Category{}, err
	}
	entry := r.taxonomy.entries[Leaf(leaf.Class())] // the class entry: what the leaf does not state
	entry.Leaf, entry.Substitutes, entry.Mapping = leaf, nil, Mapping{}
	for _, name := range []string{"title", "unit", "unit_kg", "price"} {
		if fields[name] == nil {
			return Category{}, fmt.Errorf("%s.%s missing", path, name)
		}
	}
	for name, value := range fields {
		if err := r.field(&entry, name, value, path+"."+name); err != nil {
			return Category{}, err
		}
	}
	if entry.Temperature == "" {
		entry.Temperature = Ambient
	}
	for name, figure := range map[string]Figure{"disposal_factor": entry.DisposalFactor, "production_factor": entry.ProductionFactor} {
		if figure.Source == "" {
			return Category{}, fmt.Errorf("%s.%s missing, and its class states none", path, name)
		}
	}
	return entry, checkCategory(entry, path)
}

func (r taxonomyReader) field(entry *Category, name string, node *yaml.Node, path string) (err error) {
	switch name {
	case "title":
		entry.Title = node.Value
	case "unit":
		entry.Unit = Unit(node.Value)
		err = oneOf("unit", entry.Unit, Kilogram, Piece, Hour, Litre, SquareMetre, Trip, Lot)
	case "unit_kg":
		entry.UnitKg, err = ReadFigure(node, path, r.sources)
	case "price":
		entry.Price, err = ReadFigure(node, path, r.sources)
	case "disposal_factor":
		entry.DisposalFactor, err = ReadFigure(node, path, r.sources)
	case "production_factor":
		entry.ProductionFactor, err = ReadFigure(node, path, r.sources)
	case "perish_days":
		err = node.Decode(&entry.PerishDays)
	case "temperature":
		entry.Temperature = Temperature(node.Value)
		err = entry.Temperature.Validate()
	case "substitutes":
		err = node.Decode(&entry.Substitutes)
	case "hsds_term":
		entry.Mapping.HSDSTerm = node.Value
	case "fema_kind":
		entry.Mapping.FEMAKind = node.Value
	}
	if err != nil && !slices.Contains([]string{"unit_kg", "price", "disposal_factor", "production_factor"}, name) {
		return fmt.Errorf("%s %q: %w", path, node.Value, err) // a figure's error names its own path
	}
	return err
}

// checkCategory refuses figures whose unit is not the one that the formulas multiply.
func checkCategory(entry Category, path string) error {
	const perTon = "t CO2e per short ton"
	for _, check := range []struct {
		name, unit string
		figure     Figure
		money      bool
	}{
		{"unit_kg", "kg per unit", entry.UnitKg, false},
		{"price", "per unit", entry.Price, true},
		{"disposal_factor", perTon, entry.DisposalFactor, false},
		{"production_factor", perTon, entry.ProductionFactor, false},
	} {
		if check.figure.Unit != check.unit || check.figure.IsMoney() != check.money {
			return fmt.Errorf("%s.%s.unit %q: want %q (money: %v)", path, check.name, check.figure.Unit, check.unit, check.money)
		}
		if check.figure.Low < 0 {
			return fmt.Errorf("%s.%s.low %v: want 0 or more", path, check.name, check.figure.Low)
		}
	}
	if entry.UnitKg.High > 0 && entry.Unit == Kilogram && entry.UnitKg.Low != 1 {
		return fmt.Errorf("%s.unit_kg: a kilogram weighs 1 kg", path)
	}
	return nil
}
