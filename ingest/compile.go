package ingest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/convert"
	"github.com/city-resource-graph/crg/ingest/profile"
	"github.com/city-resource-graph/crg/ingest/source"
)

// dataset is a data set of the profile with its names resolved.
type dataset struct {
	profile.Dataset
	city     *City
	options  source.Options
	fields   []field
	index    map[string]int // fields by name
	columns  map[string]bool
	key      []int
	keyLimit int
	shared   *city.Participant
	branches []branch
	reviews  []review
	attempts []attempt
	hasNear  bool
}

// field is a typed column.
type field struct {
	profile.Field
	name    string
	convert convert.Converter
	locale  convert.Locale
	missing convert.Value // taken when the row has none; the median comes from the plan
	median  bool
}

type branch struct {
	profile.Branch
	when  []condition
	lists []listing
}

type attempt struct {
	profile.Attempt
	when, failed []condition
}

type review struct {
	when    []condition
	because string
}

// listing is one entry of a branch with its shared terms filled in.
type listing struct {
	profile.Listing
	when    []condition
	unless  []condition
	compute convert.Quantity
}

// compile resolves the names of the profile; that they exist has been checked.
func (c *City) compile() error {
	c.rules = map[city.RuleID]city.Rule{}
	for id, rule := range c.profile.Rules {
		resolved, err := rule.Resolve(city.RuleID(id))
		if err != nil {
			return err
		}
		c.rules[resolved.ID] = resolved
	}
	for _, spec := range c.profile.Datasets {
		d, err := c.compileDataset(spec)
		if err != nil {
			return err
		}
		c.datasets = append(c.datasets, d)
	}
	return nil
}

func (c *City) compileDataset(spec profile.Dataset) (*dataset, error) {
	d := &dataset{Dataset: spec, city: c, index: map[string]int{}, columns: map[string]bool{}}
	d.options = source.Options{Format: source.Format(spec.Format)}
	if spec.Delimiter != "" {
		d.options.Delimiter = spec.Delimiter[0]
	}
	for _, name := range sortedKeys(spec.Fields) {
		f, err := c.compileField(name, spec.Fields[name])
		if err != nil {
			return nil, err
		}
		d.index[name] = len(d.fields)
		d.fields = append(d.fields, f)
		d.columns[f.Column] = true
		if f.And != "" {
			d.columns[f.And] = true
		}
	}
	for _, name := range spec.Key {
		d.key = append(d.key, d.index[name])
	}
	// An id is <data set>.<key>.<leaf> and at most 120 characters.
	d.keyLimit = 120 - len(spec.ID) - len(".") - len(".") - c.longestLeaf() - len(".2")
	if spec.Holder != nil && spec.Holder.Shared != "" {
		d.shared = c.sharedHolder(spec.Holder.Shared)
	}
	for _, b := range spec.Rows {
		compiled := branch{Branch: b, when: d.compileConditions(b.When)}
		for _, l := range b.List {
			compiled.lists = append(compiled.lists, d.compileListing(l))
			d.hasNear = d.hasNear || l.Near != nil
		}
		d.branches = append(d.branches, compiled)
	}
	for _, a := range spec.Attempts {
		d.attempts = append(d.attempts, attempt{a, d.compileConditions(a.When), d.compileConditions(a.Failed)})
	}
	for _, r := range spec.Review {
		d.reviews = append(d.reviews, review{when: d.compileConditions(r.When), because: r.Because})
	}
	return d, nil
}

func (c *City) compileField(name string, spec profile.Field) (field, error) {
	converter, err := convert.Named(spec.As)
	if err != nil {
		return field{}, spec.Position.Errorf("field %q: %w", name, err)
	}
	f := field{
		Field: spec, name: name, convert: converter, median: spec.Missing == "median",
		locale: convert.Locale{Zone: c.Zone, Layout: spec.Layout, Currency: c.Currency},
	}
	if spec.Missing == "" || f.median {
		return f, nil
	}
	// What a named function reads is not what it returns: its stand-in is a number or a text.
	standIn := converter
	if number, err := convert.Named("decimal"); err == nil && isFunction(spec.As) {
		standIn = number
	}
	if f.missing, err = standIn(spec.Missing, f.locale); err != nil {
		return field{}, spec.Position.Errorf("field %q, missing %q: %w", name, spec.Missing, err)
	}
	return f, nil
}

func isFunction(as string) bool {
	return !slices.Contains([]string{"", "text", "integer", "decimal", "amount", "flag", "time"}, as)
}

func (d *dataset) compileListing(l profile.Listing) listing {
	l.Terms = l.Over(d.city.profile.Terms[l.Use])
	compiled := listing{Listing: l, when: d.compileConditions(l.When), unless: d.compileConditions(l.Unless)}
	if l.Quantity.Function != "" {
		compiled.compute, _ = convert.NamedQuantity(l.Quantity.Function)
	}
	return compiled
}

func (c *City) sharedHolder(id string) *city.Participant {
	holder := c.profile.Holders[id]
	return &city.Participant{
		ID: city.ParticipantID(id), City: c.ID, Kind: city.Kind(holder.Kind), Name: holder.Name,
		LocationQuality: city.Area, State: city.ParticipantActive, Origin: city.Observed,
		Source: holder.Source, SourceKey: id,
	}
}

func (c *City) longestLeaf() int {
	longest := 0
	for _, category := range c.taxonomy.Leaves() {
		longest = max(longest, len(category.Leaf))
	}
	return longest
}

// find returns a data set by its id.
func (c *City) find(id string) (*dataset, error) {
	for _, d := range c.datasets {
		if d.ID == id {
			return d, nil
		}
	}
	return nil, fmt.Errorf("data set %q: want one of %v", id, c.Datasets())
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
