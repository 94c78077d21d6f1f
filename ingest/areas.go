package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/source"
)

// Ward is an administrative area of the city.
type Ward struct {
	ID           string
	Name         string
	Population   int64           // 0 = not known
	MedianIncome int64           // currency units a year; 0 = not known
	Boundary     json.RawMessage // GeoJSON geometry as read
	shape        *polygon
}

// Areas are the city's wards, which together are its area.
type Areas struct {
	Wards []Ward // by id
	tract []tract
}

// tract is a smaller area whose median income is known.
type tract struct {
	shape              *polygon
	population, income int64
}

// Income is the median income of the tract in which a point lies, in currency units a year; 0 where it is not known.
func (a *Areas) Income(at city.Point) int64 {
	for i := range a.tract {
		if a.tract[i].income > 0 && a.tract[i].shape.contains(at) {
			return a.tract[i].income
		}
	}
	return 0
}

// areasOnce keeps the areas that a city read last: planning, installing and reading all ask for them, and outlines take
// longer to read than most data files.
type areasOnce struct {
	mutex sync.Mutex
	dir   string
	areas *Areas
}

// Areas reads the wards and their statistics from the data folder, once. Nobody changes what it returns.
func (c *City) Areas(dir string) (*Areas, error) {
	c.areas.mutex.Lock()
	defer c.areas.mutex.Unlock()
	if c.areas.areas != nil && c.areas.dir == dir {
		return c.areas.areas, nil
	}
	areas, err := c.readWards(dir)
	if err != nil || c.host != nil {
		return areas, err
	}
	if spec := c.wards.Statistics; spec != nil {
		if err := areas.addStatistics(dir, *spec); err != nil {
			return nil, fmt.Errorf("reading the wards' statistics: %w", err)
		}
	}
	c.areas.dir, c.areas.areas = dir, areas
	return areas, nil
}

// placing reads what places a row: the wards, and the tracts' incomes where their file is in the folder. An import of some
// data sets does without it.
func (c *City) placing(dir string) (*Areas, error) {
	if spec := c.wards.Statistics; spec != nil {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(spec.File))); err == nil {
			return c.Areas(dir)
		}
	}
	return c.readWards(dir)
}

// readWards reads the wards without their statistics.
func (c *City) readWards(dir string) (*Areas, error) {
	if c.host != nil {
		return c.host, nil
	}
	spec := c.wards
	if len(spec.Box) > 0 {
		return boxed(spec)
	}
	areas := &Areas{}
	path := filepath.Join(dir, filepath.FromSlash(spec.File))
	err := eachFeature(path, func(record *source.Record) error {
		ward, err := readWard(record, spec)
		if err != nil {
			return err
		}
		areas.Wards = append(areas.Wards, ward)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the wards: %w", err)
	}
	if len(areas.Wards) == 0 {
		return nil, fmt.Errorf("reading the wards: %s has none", path)
	}
	slices.SortFunc(areas.Wards, func(a, b Ward) int { return compareNatural(a.ID, b.ID) })
	return areas, nil
}

// boxed is a city whose data has no wards: one ward with straight sides.
func boxed(spec wardSpec) (*Areas, error) {
	west, south, east, north := spec.Box[0], spec.Box[1], spec.Box[2], spec.Box[3]
	boundary, err := json.Marshal(map[string]any{
		"type":        "Polygon",
		"coordinates": [][][2]float64{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}},
	})
	if err != nil {
		return nil, fmt.Errorf("the ward's box: %w", err)
	}
	shape, err := parsePolygon(boundary)
	if err != nil {
		return nil, fmt.Errorf("the ward's box: %w", err)
	}
	return &Areas{Wards: []Ward{{ID: spec.ID, Name: or(spec.Name, spec.ID), Boundary: boundary, shape: shape}}}, nil
}

func readWard(record *source.Record, spec wardSpec) (Ward, error) {
	shape, err := parsePolygon(record.Geometry)
	if err != nil {
		return Ward{}, err
	}
	id := record.Get(spec.ID).Text()
	if err := city.ValidateID("ward", id); err != nil {
		return Ward{}, fmt.Errorf("column %s: %w", spec.ID, err)
	}
	ward := Ward{ID: id, Name: id, Boundary: bytes.Clone(record.Geometry), shape: shape}
	if name := record.Get(spec.Name); name.Kind != source.Missing {
		ward.Name = name.Text()
	}
	if ward.Population, err = count(record, spec.Population); err != nil {
		return Ward{}, err
	}
	ward.MedianIncome, err = count(record, spec.MedianIncome)
	return ward, err
}

// count reads a whole number that may be missing, or be written as a decimal.
func count(record *source.Record, column string) (int64, error) {
	value := record.Get(column)
	if column == "" || value.Kind == source.Missing {
		return 0, nil
	}
	number, err := strconv.ParseFloat(value.Text(), 64)
	if err != nil || number < 0 || number > 1e15 {
		return 0, fmt.Errorf("column %s %q: want a number from 0", column, value.Text())
	}
	return int64(number + 0.5), nil
}

// Ward is the id of the ward in which a point lies, or "" outside of all.
func (a *Areas) Ward(at city.Point) string {
	for i := range a.Wards {
		if a.Wards[i].shape.contains(at) {
			return a.Wards[i].ID
		}
	}
	return ""
}

// addStatistics sums smaller areas, such as census tracts, into the wards in which their centre lies. The median income
// of a ward is the median of its tracts' medians, weighted by population.
func (a *Areas) addStatistics(dir string, spec statisticsSpec) error {
	tracts := map[string][]tract{}
	err := eachFeature(filepath.Join(dir, filepath.FromSlash(spec.File)), func(record *source.Record) error {
		at, err := placeOf(record.Geometry)
		if err != nil || at == nil {
			return fmt.Errorf("geometry: want a polygon: %w", err)
		}
		population, err := count(record, spec.Population)
		if err != nil {
			return err
		}
		income, err := count(record, spec.MedianIncome)
		if err != nil {
			return err
		}
		shape, err := parsePolygon(record.Geometry)
		one := tract{shape, population, income}
		ward := a.Ward(*at)
		tracts[ward] = append(tracts[ward], one)
		a.tract = append(a.tract, one)
		return err
	})
	if err != nil {
		return err
	}
	for i := range a.Wards {
		list := tracts[a.Wards[i].ID]
		slices.SortFunc(list, func(a, b tract) int { return int(a.income - b.income) })
		var withIncome, below int64
		for _, t := range list {
			a.Wards[i].Population += t.population
			if t.income > 0 {
				withIncome += t.population
			}
		}
		for _, t := range list {
			if t.income > 0 {
				if below += t.population; 2*below >= withIncome {
					a.Wards[i].MedianIncome = t.income
					break
				}
			}
		}
	}
	return nil
}

// eachFeature reads a GeoJSON file of areas, of which every feature must be sound.
func eachFeature(path string, visit func(*source.Record) error) error {
	file, err := source.Open(path, source.Options{Format: source.GeoJSON}, source.Cursor{})
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	for {
		record, err := file.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		if record.Fault != nil {
			return &source.FileError{Path: path, Line: record.Line, Reason: record.Fault.Reason}
		}
		if err := visit(&record); err != nil {
			return &source.FileError{Path: path, Line: record.Line, Reason: err.Error()}
		}
	}
}

// compareNatural orders "2" before "10".
func compareNatural(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
