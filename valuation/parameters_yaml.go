package valuation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/city-resource-graph/crg/city"
)

// Load reads a parameter file in the form of parameters/2026.1.yaml, with the shipped price index and taxonomy. It refuses
// an unknown or missing parameter, a figure without source, unit or evidence, a value outside its parameter's domain, and
// money that no index joins to the method's currency and price year.
func Load(content []byte) (*Parameters, error) {
	index, err := shipped.ReadFile("parameters/" + priceIndexFile)
	if err != nil {
		return nil, fmt.Errorf("read the shipped price index: %w", err)
	}
	return LoadFiles(Files{Parameters: content, PriceIndex: index, Taxonomy: city.DefaultTaxonomy()})
}

// Files is all that a method's figures come from.
type Files struct {
	Parameters []byte
	PriceIndex []byte
	Taxonomy   *city.Taxonomy
}

// LoadFiles is Load with a price index and taxonomy of the caller's.
func LoadFiles(files Files) (*Parameters, error) {
	document, err := city.YAMLDocument(files.Parameters, "parameters")
	if err != nil {
		return nil, err
	}
	top, err := requiredFields(document, "parameters file",
		"version", "currency", "price_year", "index", "sources", "parameters", "equity")
	if err != nil {
		return nil, err
	}
	p := &Parameters{
		Version: top["version"].Value, Currency: city.Currency(top["currency"].Value), Taxonomy: files.Taxonomy,
		Hash: digest(files.Parameters, files.PriceIndex, []byte(files.Taxonomy.Hash)), raw: map[Name]choice{},
	}
	if p.Version == "" {
		return nil, fmt.Errorf("version: empty: want the method's version, such as 2026.1")
	}
	if err := p.Currency.Validate(); err != nil {
		return nil, err
	}
	if p.PriceYear, err = strconv.Atoi(top["price_year"].Value); err != nil {
		return nil, fmt.Errorf("price_year %q: want a year", top["price_year"].Value)
	}
	sources, err := city.ReadSources(top["sources"], "sources")
	if err != nil {
		return nil, err
	}
	if p.index, err = readPriceIndex(files.PriceIndex, top["index"].Value); err != nil {
		return nil, err
	}
	if p.Equity, err = readEquity(top["equity"], sources); err != nil {
		return nil, err
	}
	if err := p.readChoices(top["parameters"], sources); err != nil {
		return nil, err
	}
	return p, p.build()
}

func (p *Parameters) readChoices(node *yaml.Node, sources map[string]string) error {
	var allowed []string
	for _, s := range specs {
		if s.source == fromFile {
			allowed = append(allowed, string(s.name))
		}
	}
	fields, err := requiredFields(node, "parameters", allowed...)
	if err != nil {
		return err
	}
	for _, s := range specs {
		if s.source != fromFile {
			continue
		}
		if p.raw[s.name], err = p.readChoice(s, fields[string(s.name)], sources); err != nil {
			return err
		}
	}
	return nil
}

func (p *Parameters) readChoice(s spec, node *yaml.Node, sources map[string]string) (choice, error) {
	path := "parameters." + string(s.name)
	fields, err := city.YAMLFields(node, path, "default", "by")
	if err != nil {
		return choice{}, err
	}
	if fields["default"] == nil {
		return choice{}, fmt.Errorf("%s.default missing (line %d)", path, node.Line)
	}
	read := choice{by: map[city.Leaf]city.Figure{}}
	if read.fallback, err = readFigureOf(s, fields["default"], path+".default", sources); err != nil {
		return choice{}, err
	}
	if fields["by"] == nil {
		return read, nil
	}
	scopes, err := city.YAMLFields(fields["by"], path+".by")
	if err != nil {
		return choice{}, err
	}
	for scope, figure := range scopes {
		scopePath := path + ".by." + scope
		if _, err := p.Taxonomy.Category(city.Leaf(scope)); err != nil {
			return choice{}, fmt.Errorf("%s: %w", scopePath, err)
		}
		if read.by[city.Leaf(scope)], err = readFigureOf(s, figure, scopePath, sources); err != nil {
			return choice{}, err
		}
	}
	return read, nil
}

// readFigureOf reads a figure and holds it to its parameter's unit and domain.
func readFigureOf(s spec, node *yaml.Node, path string, sources map[string]string) (city.Figure, error) {
	figure, err := city.ReadFigure(node, path, sources)
	if err != nil {
		return city.Figure{}, err
	}
	if figure.Unit != s.unit {
		return city.Figure{}, fmt.Errorf("%s.unit %q: want %q", path, figure.Unit, s.unit)
	}
	if figure.IsMoney() != s.money {
		return city.Figure{}, fmt.Errorf("%s.currency %q: want a currency and price year for money only", path, figure.Currency)
	}
	if s.domain == wholeYear && figure.Low != figure.High {
		return city.Figure{}, fmt.Errorf("%s: low %v, high %v: want the same, for years are not drawn", path, figure.Low, figure.High)
	}
	for _, end := range []struct {
		name  string
		value float64
	}{{"low", figure.Low}, {"central", figure.Central}, {"high", figure.High}} {
		if err := s.check(end.value); err != nil {
			return city.Figure{}, fmt.Errorf("%s.%s %w", path, end.name, err)
		}
	}
	return figure, nil
}

func readPriceIndex(content []byte, name string) (PriceIndex, error) {
	document, err := city.YAMLDocument(content, "price index")
	if err != nil {
		return nil, err
	}
	top, err := requiredFields(document, "price index", "sources", "series")
	if err != nil {
		return nil, err
	}
	sources, err := city.ReadSources(top["sources"], "price index.sources")
	if err != nil {
		return nil, err
	}
	all, err := city.YAMLFields(top["series"], "price index.series")
	if err != nil {
		return nil, err
	}
	if all[name] == nil {
		return nil, fmt.Errorf("index %q: not a series of the price index file", name)
	}
	fields, err := requiredFields(all[name], "price index.series."+name, "currency", "source", "evidence", "values")
	if err != nil {
		return nil, err
	}
	series := IndexSeries{Name: name, Source: sources[fields["source"].Value], Evidence: city.Evidence(fields["evidence"].Value)}
	if series.Source == "" {
		return nil, fmt.Errorf("price index.series.%s.source %q: not among the file's sources", name, fields["source"].Value)
	}
	if err := series.Evidence.Validate(); err != nil {
		return nil, fmt.Errorf("price index.series.%s: %w", name, err)
	}
	if err := fields["values"].Decode(&series.Values); err != nil {
		return nil, fmt.Errorf("price index.series.%s.values: %w", name, err)
	}
	for year, value := range series.Values {
		if !(value > 0) {
			return nil, fmt.Errorf("price index.series.%s.values.%d %v: want more than 0", name, year, value)
		}
	}
	return PriceIndex{city.Currency(fields["currency"].Value): series}, nil
}

// requiredFields is city.YAMLFields where none may be missing.
func requiredFields(node *yaml.Node, path string, names ...string) (map[string]*yaml.Node, error) {
	fields, err := city.YAMLFields(node, path, names...)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if fields[name] == nil {
			return nil, fmt.Errorf("%s.%s missing (line %d)", path, name, node.Line)
		}
	}
	return fields, nil
}

func digest(parts ...[]byte) string {
	hash := sha256.New()
	for _, part := range parts {
		_, _ = fmt.Fprintf(hash, "%d:", len(part)) // a hash never fails to write
		_, _ = hash.Write(part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}
