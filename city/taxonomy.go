package city

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Category is one entry of the taxonomy: a leaf, or a whole class for what is known no closer.
type Category struct {
	Leaf  Leaf // "food.produce"; of a class entry the class, "food"
	Title string
	Unit  Unit

	UnitKg           Figure // kg per unit; zero for time and space
	Price            Figure // per unit in the receiving market; of a skill the hourly wage without fringe
	DisposalFactor   Figure // t CO2e per short ton when thrown away
	ProductionFactor Figure // t CO2e per short ton when made anew

	PerishDays  int         // days until it cannot be used; 0 = keeps
	Temperature Temperature // how it must be kept on the way
	Substitutes []Leaf      // leaves that may stand in where a need accepts substitutes
	Mapping     Mapping
}

// Mapping holds a category's names in outside vocabularies; empty where none fits. 211HSIS is licensed and never shipped:
// an owner of a licence keeps its codes in the own column of the import profile.
type Mapping struct {
	HSDSTerm string // name of the taxonomy term in Open Referral HSDS files
	FEMAKind string // kind of FEMA's resource typing library
}

// IsClass says whether the entry stands for a whole class.
func (c Category) IsClass() bool { return Class(c.Leaf).Validate() == nil }

// Class is the entry's class, also of a class entry.
func (c Category) Class() Class { return c.Leaf.Class() }

// Taxonomy is the tree of categories of one version.
type Taxonomy struct {
	Version string
	Hash    string // SHA-256 of the file, hexadecimal
	entries map[Leaf]Category
	order   []Leaf
}

//go:embed taxonomy.yaml
var shippedTaxonomy []byte

var defaultTaxonomy = sync.OnceValue(func() *Taxonomy {
	taxonomy, err := ReadTaxonomy(shippedTaxonomy)
	if err != nil {
		panic("the shipped taxonomy does not load: " + err.Error()) // a build without a passing test only
	}
	return taxonomy
})

// DefaultTaxonomy is the taxonomy that ships with the program. It is read-only and shared.
func DefaultTaxonomy() *Taxonomy { return defaultTaxonomy() }

// Category looks up a leaf, or a class by its name alone.
func (t *Taxonomy) Category(leaf Leaf) (Category, error) {
	if entry, ok := t.entries[leaf]; ok {
		return entry, nil
	}
	return Category{}, fmt.Errorf("category %q: want a leaf such as %s or a class such as food", string(leaf), t.nearest(leaf))
}

// Title is a leaf in words; the leaf itself where this version has no such entry, so that what is older can still be told.
func (t *Taxonomy) Title(leaf Leaf) string {
	if entry, ok := t.entries[leaf]; ok {
		return entry.Title
	}
	return string(leaf)
}

// Leaves lists the leaves in the file's order.
func (t *Taxonomy) Leaves() []Category {
	leaves := make([]Category, 0, len(t.order))
	for _, leaf := range t.order {
		if entry := t.entries[leaf]; !entry.IsClass() {
			leaves = append(leaves, entry)
		}
	}
	return leaves
}

// Classes lists the eight class entries in the file's order.
func (t *Taxonomy) Classes() []Category {
	classes := make([]Category, 0, 8)
	for _, leaf := range t.order {
		if entry := t.entries[leaf]; entry.IsClass() {
			classes = append(classes, entry)
		}
	}
	return classes
}

// WithFigures returns a copy in which every figure went through change. The copy has another hash.
func (t *Taxonomy) WithFigures(reason string, change func(Figure) Figure) *Taxonomy {
	copied := &Taxonomy{Version: t.Version + "+" + reason, Hash: digest([]byte(t.Hash + reason)), order: t.order}
	copied.entries = maps.Clone(t.entries)
	for leaf, entry := range copied.entries {
		entry.UnitKg, entry.Price = change(entry.UnitKg), change(entry.Price)
		entry.DisposalFactor, entry.ProductionFactor = change(entry.DisposalFactor), change(entry.ProductionFactor)
		copied.entries[leaf] = entry
	}
	return copied
}

// nearest suggests leaves of the same class, or the first leaf.
func (t *Taxonomy) nearest(leaf Leaf) string {
	for _, known := range t.order {
		if known.Class() == leaf.Class() && known != Leaf(leaf.Class()) {
			return string(known)
		}
	}
	return string(t.Leaves()[0].Leaf)
}

func (t *Taxonomy) validate() error {
	for _, class := range []Class{Food, Goods, Space, Equipment, Vehicle, Skill, Material, Service} {
		if _, ok := t.entries[Leaf(class)]; !ok {
			return fmt.Errorf("classes.%s missing: want an entry for each of the eight classes", class)
		}
	}
	for _, leaf := range t.order {
		for _, substitute := range t.entries[leaf].Substitutes {
			other, ok := t.entries[substitute]
			if !ok || other.IsClass() {
				return fmt.Errorf("leaves.%s.substitutes: %q is no leaf", leaf, substitute)
			}
			if other.Unit != t.entries[leaf].Unit {
				return fmt.Errorf("leaves.%s.substitutes: %s is counted in %s, not in %s", leaf, substitute, other.Unit, t.entries[leaf].Unit)
			}
		}
	}
	if len(t.order) != len(slices.Compact(slices.Sorted(slices.Values(t.order)))) {
		return fmt.Errorf("an entry is given twice")
	}
	return nil
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
