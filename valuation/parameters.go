package valuation

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/city-resource-graph/crg/city"
)

// DefaultMethod is the method version that new valuations use.
const DefaultMethod = "2026.1"

//go:embed parameters/*.yaml
var shipped embed.FS

const priceIndexFile = "price-index.yaml"

// Parameters is one method version: every figure, brought to one currency and price year. It is read-only.
type Parameters struct {
	Version   string
	Hash      string // SHA-256 over the parameter file, the price index and the taxonomy, hexadecimal
	Currency  city.Currency
	PriceYear int
	Taxonomy  *city.Taxonomy
	Equity    Equity

	raw    map[Name]choice // as the file states them, before the price index
	index  PriceIndex
	tables map[city.Leaf]*table // by category, after the price index
	draws  map[string]int       // numbers of the draws
}

// choice is a parameter's figure and where another one takes its place.
type choice struct {
	fallback city.Figure
	by       map[city.Leaf]city.Figure // by leaf, or by class under the class's name
}

// figure returns the closest figure for a category and the scope that it is stated for.
func (c choice) figure(leaf city.Leaf) (city.Figure, string) {
	if figure, ok := c.by[leaf]; ok {
		return figure, string(leaf)
	}
	if figure, ok := c.by[city.Leaf(leaf.Class())]; ok {
		return figure, string(leaf.Class())
	}
	return c.fallback, ""
}

// parameter is a figure ready for the formulas.
type parameter struct {
	figure city.Figure
	draw   string // identity of its draw: matches that share it err together
	id     int    // the draw's number within the method
}

// table holds a category's parameters by their place in specs; nil where a match must state the value.
type table [64]*parameter

// Default is the shipped method DefaultMethod.
func Default() *Parameters { return defaultParameters() }

var defaultParameters = sync.OnceValue(func() *Parameters {
	parameters, err := Method(DefaultMethod)
	if err != nil {
		panic("the shipped parameters do not load: " + err.Error()) // a build without a passing test only
	}
	return parameters
})

// Method loads a shipped method version, also an old one: a published report pins its version.
func Method(version string) (*Parameters, error) {
	content, err := shipped.ReadFile("parameters/" + version + ".yaml")
	if err != nil || version+".yaml" == priceIndexFile {
		return nil, fmt.Errorf("method %q: want one of %s", version, strings.Join(Methods(), ", "))
	}
	return Load(content)
}

// Methods lists the shipped method versions, oldest first.
func Methods() []string {
	var versions []string
	entries, _ := shipped.ReadDir("parameters") // cannot fail: the folder is embedded
	for _, entry := range entries {
		if entry.Name() != priceIndexFile {
			versions = append(versions, strings.TrimSuffix(entry.Name(), ".yaml"))
		}
	}
	slices.Sort(versions)
	return versions
}

// Unindexed takes every amount as if it were of the method's price year. It exists to reproduce figures that were
// published without indexing; the version says so, and a report made with it must too.
func (p *Parameters) Unindexed() (*Parameters, error) {
	return p.rebuild("unindexed", func(q *Parameters) { q.index = nil })
}

// rebuild copies the parameters, changes the copy's sources and computes its tables anew.
func (p *Parameters) rebuild(reason string, change func(*Parameters)) (*Parameters, error) {
	copied := *p
	copied.raw = maps.Clone(p.raw)
	copied.Version = p.Version + "+" + reason
	copied.Hash = digest([]byte(p.Hash + "+" + reason))
	change(&copied)
	return &copied, copied.build()
}

// build brings every figure to the method's price year, by category.
func (p *Parameters) build() error {
	p.tables, p.draws = map[city.Leaf]*table{}, map[string]int{}
	for _, entry := range append(p.Taxonomy.Classes(), p.Taxonomy.Leaves()...) {
		filled, err := p.categoryTable(entry)
		if err != nil {
			return err
		}
		p.tables[entry.Leaf] = filled
	}
	return nil
}

func (p *Parameters) categoryTable(entry city.Category) (*table, error) {
	class, err := p.Taxonomy.Category(city.Leaf(entry.Class()))
	if err != nil {
		return nil, err
	}
	filled := &table{}
	for i, s := range specs {
		if s.source == stated || s.source == derived {
			continue
		}
		figure, scope := p.figure(s, entry, class)
		if s.perClass && scope == "" {
			scope = string(entry.Class())
		}
		if figure.IsMoney() {
			if figure, err = p.join(figure); err != nil {
				return nil, fmt.Errorf("%s of %s: %w", s.name, entry.Leaf, err)
			}
		}
		draw := string(s.name)
		if scope != "" {
			draw += "/" + scope
		}
		filled[i] = &parameter{figure, draw, p.drawNumber(draw)}
	}
	return filled, nil
}

func (p *Parameters) drawNumber(draw string) int {
	number, ok := p.draws[draw]
	if !ok {
		number = len(p.draws)
		p.draws[draw] = number
	}
	return number
}

// figure picks a parameter's figure for a category. A leaf whose taxonomy figure is its class's shares the class's draw:
// it is the same number with the same error.
func (p *Parameters) figure(s spec, entry, class city.Category) (city.Figure, string) {
	if s.source != fromTaxonomy && (s.name != Wage || entry.Class() != city.Skill) {
		return p.raw[s.name].figure(entry.Leaf)
	}
	pick := map[Name]func(city.Category) city.Figure{
		UnitKg:           func(c city.Category) city.Figure { return c.UnitKg },
		PricePerUnit:     func(c city.Category) city.Figure { return c.Price },
		Wage:             func(c city.Category) city.Figure { return c.Price },
		DisposalFactor:   func(c city.Category) city.Figure { return c.DisposalFactor },
		ProductionFactor: func(c city.Category) city.Figure { return c.ProductionFactor },
	}[s.name]
	figure := pick(entry)
	if s.name == PricePerUnit && entry.Class() == city.Skill {
		figure = figure.Scale(0) // an hour of skill is valued once, as time
		figure.Note = "valued as time, by its wage"
	}
	if pick(entry) == pick(class) {
		return figure, string(entry.Class())
	}
	return figure, string(entry.Leaf)
}
