package profile

import (
	"io/fs"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/convert"
)

// Ward is the one name in conditions that is not a field: the ward in which the row's point lies.
const Ward = "ward"

func (c *checker) dataset(d Dataset) {
	if err := city.ValidateID("data set", d.ID); err != nil {
		c.add(d.Position, "%w", err)
	}
	if _, twice := c.seen[d.ID]; twice {
		c.add(d.Position, "data set %q is defined twice", d.ID)
	}
	if !fs.ValidPath(d.File) {
		c.add(d.Position, "file %q: want a path inside the data folder, such as places/hotels.geojson", d.File)
	}
	c.word(d.Position, "format", d.Format, "geojson", "csv", "jsonl", "xlsx", "hsds")
	c.word(d.Position, "missing_file", or(d.MissingFile, "refuse"), "skip", "refuse")
	if (d.Each != "") && d.Format != "jsonl" {
		c.add(d.Position, "each %q: want it for jsonl only", d.Each)
	}
	if (d.Sheet != "") != (d.Format == "xlsx") {
		c.add(d.Position, "sheet %q: want the name of a sheet with xlsx, and only there", d.Sheet)
	}
	if d.OrCSV != "" && (d.Format != "xlsx" || !fs.ValidPath(d.OrCSV)) {
		c.add(d.Position, "or_csv %q: want a path in the data folder, for xlsx only", d.OrCSV)
	}
	if d.Format == "hsds" || d.Entity != "" {
		c.word(d.Position, "entity", d.Entity, "services", "organizations", "locations")
	}
	if d.Entity != "" && d.Format != "hsds" {
		c.add(d.Position, "entity %q: want it for hsds only", d.Entity)
	}
	if d.Delimiter != "" && (len(d.Delimiter) != 1 || d.Format != "csv") {
		c.add(d.Position, "delimiter %q: want one character, for csv only", d.Delimiter)
	}
	c.word(d.Position, "other_fields", or(d.OtherFields, "reject"), "keep", "reject")
	c.word(d.Position, "outside", or(d.Outside, "reject"), "keep", "reject")
	if len(d.Key) == 0 {
		c.add(d.Position, "data set %q has no key: want the fields that identify a row", d.ID)
	}
	for _, name := range append(append([]string{}, d.Key...), d.At, d.Address) {
		known(c, d.Position, "field", name, d.Fields)
	}
	for _, name := range sortedKeys(d.Fields) {
		c.field(name, d.Fields[name])
	}
	c.point(d)
	lists := false
	for _, branch := range d.Rows {
		lists = lists || len(branch.List) > 0
		c.branch(branch, d)
	}
	c.rows(d)
	for _, attempt := range d.Attempts {
		c.attempt(attempt, d)
	}
	c.holderOf(d, lists)
	for _, review := range d.Review {
		c.conditions(review.When, d)
		if review.Because == "" {
			c.add(review.Position, "want because: what the person is to look at")
		}
	}
	known(c, d.LocationQuality.Position, "field", d.LocationQuality.Field, d.Fields)
	if d.LocationQuality.Constant != "" {
		if err := city.LocationQuality(d.LocationQuality.Constant).Validate(); err != nil {
			c.add(d.LocationQuality.Position, "%w", err)
		}
	}
}

func (c *checker) field(name string, f Field) {
	if err := city.ValidateID("field", name); err != nil {
		c.add(f.Position, "%w", err)
	}
	switch {
	case name == Ward:
		c.add(f.Position, "a field cannot be called %s: that is the ward in which the row's point lies", Ward)
	case f.Column == "":
		c.add(f.Position, "field %q has no column", name)
	case f.Required && f.Missing != "":
		c.add(f.Position, "field %q: want either required or a value for missing", name)
	case f.Layout != "" && f.As != "time":
		c.add(f.Position, "field %q: layout is for times", name)
	case f.Missing == "median" && f.As != "integer" && f.As != "decimal":
		c.add(f.Position, "field %q: the median is of numbers", name)
	}
	if _, err := convert.Named(f.As); err != nil {
		c.add(f.Position, "field %q: %w", name, err)
	}
}

func (c *checker) point(d Dataset) {
	if d.Point == nil || d.Point.None {
		return
	}
	p := d.Point
	degrees := p.Lon != "" && p.Lat != "" && p.Easting == "" && p.Northing == "" && p.Projection == ""
	metres := p.Lon == "" && p.Lat == "" && p.Easting != "" && p.Northing != "" && p.Projection == "EPSG:3857"
	if !degrees && !metres {
		c.add(p.Position, "point: want lon and lat in degrees, or easting, northing and projection: EPSG:3857")
	}
	for _, name := range []string{p.Lon, p.Lat, p.Easting, p.Northing} {
		known(c, p.Position, "field", name, d.Fields)
	}
}

func (c *checker) rows(d Dataset) {
	if len(d.Rows) == 0 || d.Rows[len(d.Rows)-1].When != nil {
		if n := len(d.Rows); n == 0 || len(d.Rows[n-1].List) == 0 {
			c.add(d.Position, "data set %q: the last of its rows must have no condition, so that every row ends somewhere", d.ID)
		}
	}
}

func (c *checker) holderOf(d Dataset, lists bool) {
	h := d.Holder
	if h == nil {
		if lists {
			c.add(d.Position, "data set %q lists resources or needs: want a holder", d.ID)
		}
		return
	}
	if h.Shared != "" {
		known(c, h.Position, "holder", h.Shared, c.profile.Holders)
		return
	}
	if h.Name == "" || !h.Kind.Given() {
		c.add(h.Position, "holder: want shared, or kind and name")
	}
	if h.Kind.Constant != "" {
		if err := city.Kind(h.Kind.Constant).Validate(); err != nil {
			c.add(h.Position, "%w", err)
		}
	}
	for _, name := range append([]string{h.Name, h.Address, h.Email, h.Operator, h.Kind.Field}, h.Key...) {
		known(c, h.Position, "field", name, d.Fields)
	}
}

func (c *checker) branch(b Branch, d Dataset) {
	c.conditions(b.When, d)
	if len(b.List) == 0 {
		c.word(b.Position, "then", b.Then, "place_fact", "history", "price_evidence", "reject")
		if b.Because == "" {
			c.add(b.Position, "then %s without because: say why the row is not a listing", b.Then)
		}
		return
	}
	if b.Then != "" {
		c.add(b.Position, "want either then or list")
	}
	for _, listing := range b.List {
		c.listing(listing, d)
	}
}

func (c *checker) attempt(a Attempt, d Dataset) {
	c.conditions(a.When, d)
	c.conditions(a.Failed, d)
	known(c, a.Position, "field", a.At, d.Fields)
	if a.What == "" || a.Leaf == "" || len(a.Failed) == 0 || d.Fields[a.At].As != "time" {
		c.add(a.Position, "attempts: want what, leaf, at (a time field) and failed (the conditions of a failure)")
	}
	if _, err := c.taxonomy.Category(city.Leaf(a.Leaf)); a.Leaf != "" && err != nil {
		c.add(a.Position, "attempts: %w", err)
	}
}

func (c *checker) listing(l Listing, d Dataset) {
	c.conditions(l.When, d)
	c.conditions(l.Unless, d)
	known(c, l.Position, "terms", l.Use, c.profile.Terms)
	if l.Stated != "" {
		known(c, l.Position, "field", l.Stated, d.Fields)
		return
	}
	whole := l.Over(c.profile.Terms[l.Use])
	c.terms(whole, d.Fields)
	if whole.Side == "" || whole.Origin == "" || !whole.Leaf.Given() || !whole.Title.Given() {
		c.add(l.Position, "a listing needs side, leaf, title and origin, from its terms or its own")
	}
	if l.Near != nil {
		c.near(*l.Near)
	}
	c.quantity(l.Quantity, l.Position, d)
}

func (c *checker) near(n Near) {
	if n.Group == "" || n.Metres <= 0 || n.Metres > 100_000 {
		c.add(n.Position, "near: want a group, and metres above 0 and up to 100000")
		return
	}
	if first, ok := c.groups[n.Group]; ok && first.Metres != n.Metres {
		c.add(n.Position, "group %q has %v metres at %s: want the same everywhere", n.Group, first.Metres, first.Position)
	}
	c.groups[n.Group] = n
}

func (c *checker) quantity(q Quantity, at Position, d Dataset) {
	given := 0
	for _, stated := range []bool{q.Rule != "", q.Count != 0, q.Field != "", q.Function != ""} {
		if stated {
			given++
		}
	}
	if given != 1 {
		c.add(at, "quantity: want one of rule, count, field and function")
	}
	known(c, at, "rule", q.Rule, c.profile.Rules)
	c.word(at, "round", or(q.Round, "nearest"), "nearest", "up", "down")
	if q.Function != "" {
		function, err := convert.NamedQuantity(q.Function)
		if err != nil {
			c.add(at, "%w", err)
		} else if len(q.Of) != len(function.Of) {
			c.add(at, "function %s of %d fields: want %d (%s)", q.Function, len(q.Of), len(function.Of), strings.Join(function.Of, ", "))
		}
	}
	for _, name := range append([]string{q.Per, q.Field, q.Quality.Field}, q.Of...) {
		known(c, at, "field", name, d.Fields)
	}
	if q.Quality.Constant != "" {
		if err := city.Quality(q.Quality.Constant).Validate(); err != nil {
			c.add(at, "%w", err)
		}
	}
}

func (c *checker) conditions(conditions Conditions, d Dataset) {
	for _, name := range sortedKeys(conditions) {
		test := conditions[name]
		if test.IsEmpty() {
			c.add(test.Position, "condition on %q tests nothing", name)
		}
		c.date(test.Position, test.Before)
		c.date(test.Position, test.From)
		if name != Ward {
			known(c, test.Position, "field", name, d.Fields)
		}
		if len(test.Besides) > 0 && len(test.Asks) == 0 {
			c.add(test.Position, "besides goes with asks")
		}
		for _, set := range []string{test.In, test.NotIn} {
			known(c, test.Position, "set", set, c.profile.Sets)
			if set == "" {
				continue
			}
			if _, above := c.seen[c.profile.Sets[set].Dataset]; !above {
				c.add(test.Position, "set %q is read from data set %q, which must stand above this one", set, c.profile.Sets[set].Dataset)
			}
		}
	}
}

func (c *checker) date(at Position, text string) {
	if text == "" || text == AsOf {
		return
	}
	if _, err := time.Parse("2006-01-02", text); err != nil {
		c.add(at, "%q: want as_of or a date such as 2016-08-08", text)
	}
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
