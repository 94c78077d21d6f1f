package ingest

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/convert"
	"github.com/city-resource-graph/crg/ingest/source"
)

// survey is what one pass over a file finds.
type survey struct {
	dataset *dataset
	file    File
	rows    int64
	bytes   int
	batches []Batch
	keys    []uint64         // hashes of the rows' keys
	seen    map[string]int64 // the keys themselves with their first lines; nil once there are too many to hold
	seed    maphash.Seed
	columns map[string]bool
	sets    map[string]map[string]bool
	values  map[int][]float64 // of fields whose median is asked for
	places  *mapper           // reads addresses with their places; nil where the data set names no address
	repeats map[string]int64  // keys that stand on several lines, with the first of these
}

func newSurvey(d *dataset, seed maphash.Seed, areas *Areas) *survey {
	s := &survey{
		dataset: d, seed: seed, columns: map[string]bool{}, sets: map[string]map[string]bool{}, values: map[int][]float64{},
		seen: map[string]int64{}, repeats: map[string]int64{},
	}
	if d.Address != "" {
		s.places = &mapper{dataset: d, areas: areas, state: newState()}
	}
	return s
}

// survey cuts the file into batches and collects keys, sets and medians. Several files may be surveyed at a time.
func (p *planner) survey(ctx context.Context, s *survey, path string) error {
	d := s.dataset
	name := p.files.name(d)
	fed := map[string]int{} // sets that this data set feeds -> field
	for id, set := range p.city.profile.Sets {
		if set.Dataset == d.ID {
			fed[id], s.sets[id] = d.index[set.Field], map[string]bool{}
		}
	}
	err := p.each(ctx, d, path, func(file *source.File, at source.Cursor, record *source.Record) error {
		s.cut(d.ID, name, at, len(record.Raw))
		if record.Fault != nil {
			return nil
		}
		if file.Header == nil {
			s.note(record)
		}
		return s.add(record, fed)
	})
	if err != nil {
		return err
	}
	if err := d.checkColumns(path, s); err != nil {
		return err
	}
	if err := p.repeats(ctx, s, path); err != nil {
		return err
	}
	size, err := p.files.size(d)
	if err != nil {
		return err
	}
	sum, err := p.files.sum(d)
	s.file = File{Dataset: d.ID, Path: name, Size: size, SHA256: sum, Rows: s.rows}
	return err
}

// cut counts a row into the current batch, or begins another.
func (s *survey) cut(dataset, name string, at source.Cursor, size int) {
	n := len(s.batches)
	if n == 0 || s.batches[n-1].Rows == batchRows || s.bytes+size > batchBytes {
		s.batches = append(s.batches, Batch{Dataset: dataset, File: name, Number: n, Cursor: at})
		s.bytes = 0
		n++
	}
	s.batches[n-1].Rows++
	s.bytes += size
	s.rows++
}

// note remembers which columns any row has.
func (s *survey) note(record *source.Record) {
	for _, column := range record.Columns() {
		if !s.columns[column] && len(s.columns) < 4096 {
			s.columns[column] = true
		}
	}
}

func (s *survey) add(record *source.Record, fed map[string]int) error {
	if key, rejected := s.dataset.keyOf(record); rejected == nil {
		if len(s.keys) == maxKeys {
			return &source.FileError{Path: s.dataset.File, Line: record.Line, Reason: fmt.Sprintf("more than %d rows with a key: split the file", maxKeys)}
		}
		s.keys = append(s.keys, maphash.String(s.seed, key))
		s.see(key, record.Place())
	}
	if s.places != nil {
		s.places.remember(record)
	}
	for name, index := range fed {
		value, rejected := s.dataset.fields[index].read(record, 0)
		if rejected != nil || value.Kind == convert.Missing {
			continue
		}
		if s.sets[name][fold(value.Text)] = true; len(s.sets[name]) > maxSet {
			return fmt.Errorf("set %q has more than %d values", name, maxSet)
		}
	}
	for index := range s.dataset.fields {
		f := &s.dataset.fields[index]
		if !f.median {
			continue
		}
		raw := record.Get(f.Column)
		if raw.Kind == source.Missing {
			continue
		}
		if value, rejected := f.parse(raw.Text()); rejected == nil && value.Kind == convert.Number && len(s.values[index]) < maxValues {
			s.values[index] = append(s.values[index], value.Number)
		}
	}
	return nil
}

// see notes a key that stood on an earlier line, for as long as all keys can be held.
func (s *survey) see(key string, line int64) {
	if s.seen == nil {
		return
	}
	first, again := s.seen[key]
	switch {
	case again:
		s.repeats[key] = first
	case len(s.seen) == maxSeen:
		s.seen = nil
	default:
		s.seen[key] = line
	}
}

// keep puts sets, medians, repeated keys and the places of addresses into the state.
func (s *survey) keep(state *State) {
	if s.places != nil {
		places := s.places.state.Places
		for _, address := range sortedKeys(places) {
			if _, known := state.Places[address]; !known && len(state.Places) < maxPlaces {
				state.Places[address] = places[address]
			}
		}
	}
	if len(s.repeats) > 0 {
		state.Repeats[s.dataset.ID] = s.repeats
	}
	for name, values := range s.sets {
		state.Sets[name] = sortedKeys(values)
	}
	for index, values := range s.values {
		slices.Sort(values)
		n := len(values)
		median := values[n/2]
		if n%2 == 0 {
			median = (values[n/2-1] + values[n/2]) / 2
		}
		state.Medians[s.dataset.ID+"."+s.dataset.fields[index].name] = median
	}
}

// repeats finds the keys that stand on several lines, and the first of these lines: in what was seen of them or, of a large
// file, by the hashes that stand twice and a second pass for their keys.
func (p *planner) repeats(ctx context.Context, s *survey, path string) error {
	d, keys, all := s.dataset, s.keys, s.seen != nil
	if s.keys, s.seen = nil, nil; all {
		return nil
	}
	slices.Sort(keys)
	twice := map[uint64]bool{}
	for i := 1; i < len(keys); i++ {
		if keys[i] == keys[i-1] {
			twice[keys[i]] = true
		}
	}
	if len(twice) == 0 {
		return nil
	}
	if len(twice) > maxRepeats {
		return &source.FileError{Path: path, Reason: fmt.Sprintf("%d keys stand on several lines: %v does not identify a row (%s)", len(twice), d.Key, d.Position)}
	}
	first, count := map[string]int64{}, map[string]int{}
	err := p.each(ctx, d, path, func(_ *source.File, _ source.Cursor, record *source.Record) error {
		if record.Fault != nil {
			return nil
		}
		key, rejected := d.keyOf(record)
		if rejected != nil || !twice[maphash.String(p.seed, key)] {
			return nil
		}
		if count[key]++; count[key] == 1 {
			first[key] = record.Place()
		}
		return nil
	})
	for key, times := range count {
		if times == 1 {
			delete(first, key) // another key with the same hash
		}
	}
	s.repeats = first
	return err
}

// near finds the entries that an earlier site of their group covers, by mapping the rows once in order.
func (p *planner) near(ctx context.Context, d *dataset, path string) error {
	recorded := map[string]Site{}
	m := &mapper{dataset: d, areas: p.areas, state: p.plan.State}
	var current int64
	m.covered = func(row int64, branch, entry int, at city.Point) (Site, bool, error) {
		near := d.branches[branch].lists[entry].Near
		group, ok := p.groups[near.Group]
		if !ok {
			group = newSites(p.city.Plane(), near.Metres)
			p.groups[near.Group] = group
		}
		site, found := group.find(at)
		if found {
			recorded[nearKey(row, branch, entry)] = site
			return site, true, nil
		}
		return Site{}, false, group.add(at, Site{Dataset: d.ID, Line: current})
	}
	err := p.each(ctx, d, path, func(_ *source.File, _ source.Cursor, record *source.Record) error {
		current = record.Line
		_, err := m.row(record)
		return err
	})
	p.plan.State.Near[d.ID] = recorded
	return err
}
