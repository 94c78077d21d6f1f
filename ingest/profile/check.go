package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// Days are the names of weekdays, from Monday.
var Days = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// check finds names that nothing defines and values outside of their list. All findings are told at once.
func (p *Profile) check(taxonomy *city.Taxonomy) error {
	c := &checker{profile: p, taxonomy: taxonomy, seen: map[string]Dataset{}, groups: map[string]Near{}}
	for _, id := range sortedKeys(p.Rules) {
		if _, err := p.Rules[id].Resolve(city.RuleID(id)); err != nil {
			c.found = append(c.found, err)
		}
	}
	for _, id := range sortedKeys(p.Holders) {
		c.holder(id, p.Holders[id])
	}
	for _, name := range sortedKeys(p.Windows) {
		c.weekly(name, p.Windows[name])
	}
	for _, name := range sortedKeys(p.Terms) {
		c.terms(p.Terms[name], nil)
	}
	if len(p.Datasets) == 0 {
		c.found = append(c.found, fmt.Errorf("the profile names no data set"))
	}
	for _, dataset := range p.Datasets {
		c.dataset(dataset)
		c.seen[dataset.ID] = dataset
	}
	for _, name := range sortedKeys(p.Sets) {
		c.set(name, p.Sets[name])
	}
	return errors.Join(c.found...)
}

type checker struct {
	profile  *Profile
	taxonomy *city.Taxonomy
	seen     map[string]Dataset // data sets above the current one
	groups   map[string]Near
	found    []error
}

func (c *checker) add(at Position, format string, args ...any) {
	c.found = append(c.found, at.Errorf(format, args...))
}

// word refuses a text outside a closed list; an empty one is allowed where it has a default.
func (c *checker) word(at Position, key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.add(at, "%s %q: want one of %s", key, value, strings.Join(allowed, ", "))
	}
}

// known refuses a name that nothing defines.
func known[V any](c *checker, at Position, what, name string, defined map[string]V) {
	if name == "" {
		return
	}
	if _, ok := defined[name]; !ok {
		c.add(at, "%s %q is not defined: want one of %s", what, name, strings.Join(sortedKeys(defined), ", "))
	}
}

func (c *checker) holder(id string, holder Shared) {
	if err := city.ValidateID("holder", id); err != nil {
		c.add(holder.Position, "%w", err)
	}
	if err := city.Kind(holder.Kind).Validate(); err != nil {
		c.add(holder.Position, "%w", err)
	}
	if holder.Name == "" || holder.Source == "" {
		c.add(holder.Position, "holder %q: want a name and the data set that it is known from", id)
	}
}

func (c *checker) weekly(name string, weekly Weekly) {
	for _, day := range weekly.Days {
		c.word(weekly.Position, "day", day, Days...)
	}
	from, err := ParseClock(weekly.From)
	if err != nil {
		c.add(weekly.Position, "from: %w", err)
	}
	to, err := ParseClock(weekly.To)
	if err != nil {
		c.add(weekly.Position, "to: %w", err)
	}
	if len(weekly.Days) == 0 || from >= to {
		c.add(weekly.Position, "windows %q: want days, and a time to that is later than from", name)
	}
}

// ParseClock reads a time of day such as 14:00 or 24:00.
func ParseClock(text string) (time.Duration, error) {
	if text == "24:00" {
		return 24 * time.Hour, nil
	}
	clock, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%q: want a time of day such as 14:00", text)
	}
	return time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute, nil
}

func (c *checker) set(name string, set Set) {
	dataset, ok := c.seen[set.Dataset]
	if !ok {
		known(c, set.Position, "data set", set.Dataset, c.seen)
		return
	}
	known(c, set.Position, "field of "+name, set.Field, dataset.Fields)
}

// terms checks terms; fields is nil for shared ones, whose references are checked where they are used.
func (c *checker) terms(terms Terms, fields map[string]Field) {
	if terms.Side != "" {
		c.word(terms.Position, "side", terms.Side, string(city.ResourceSide), string(city.NeedSide))
	}
	if terms.Origin != "" {
		c.word(terms.Position, "origin", terms.Origin, string(city.Observed), string(city.Modelled), string(city.Generated))
	}
	if terms.Leaf.Constant != "" {
		c.leaf(terms.Leaf.Position, terms.Leaf.Constant)
	}
	for _, leaf := range terms.Substitutes {
		c.leaf(terms.Position, leaf)
	}
	known(c, terms.Position, "rule", terms.Usable, c.profile.Rules)
	if terms.Windows != nil {
		c.windows(*terms.Windows, fields)
	}
	for _, constraint := range terms.Require {
		c.word(constraint.Position, "operator", constraint.Operator, "=", "!=", ">=", "<=")
		if constraint.Attribute == "" || !constraint.Value.Given() {
			c.add(constraint.Position, "want an attribute, an operator and a value")
		}
	}
	if fields == nil {
		return
	}
	for _, ref := range terms.Refs() {
		known(c, ref.Position, "field", ref.Field, fields)
	}
}

func (c *checker) leaf(at Position, leaf string) {
	category, err := c.taxonomy.Category(city.Leaf(leaf))
	if err != nil {
		c.add(at, "%w", err)
	} else if category.IsClass() {
		c.add(at, "category %q is a class: want one of its leaves", leaf)
	}
}

func (c *checker) windows(windows Windows, fields map[string]Field) {
	known(c, windows.Position, "windows", windows.Pattern, c.profile.Windows)
	known(c, windows.Position, "windows", windows.Otherwise, c.profile.Windows)
	if fields == nil {
		return
	}
	for _, name := range []string{windows.Field, windows.From, windows.Until} {
		known(c, windows.Position, "field", name, fields)
	}
}

// Refs lists the terms' references.
func (t Terms) Refs() []Ref {
	refs := []Ref{
		t.Leaf, t.Title, t.Temperature, t.RadiusKM, t.PerishHours, t.MinimumLot, t.Divisible, t.Condition, t.CostPerUnit,
		t.MaxDistanceKM, t.Urgency, t.BudgetPerUnit, t.Storage,
	}
	for _, name := range sortedKeys(t.Attributes) {
		refs = append(refs, t.Attributes[name])
	}
	for _, constraint := range t.Require {
		refs = append(refs, constraint.Value)
	}
	return refs
}
