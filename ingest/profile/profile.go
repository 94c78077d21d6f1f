package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"

	"github.com/city-resource-graph/crg/city"
)

// Profile is what the documents of one city say together.
type Profile struct {
	Holders  map[string]Shared `yaml:"holders"`
	Windows  map[string]Weekly `yaml:"windows"`
	Sets     map[string]Set    `yaml:"sets"`
	Rules    map[string]Rule   `yaml:"rules"`
	Terms    map[string]Terms  `yaml:"terms"`
	Datasets []Dataset         `yaml:"datasets"` // in reading order
}

// Shared is a participant that holds the listings of many rows, such as the department that answers all requests.
type Shared struct {
	Position Position
	Kind     string `yaml:"kind"`
	Name     string `yaml:"name"`
	Source   string `yaml:"source"` // the data set that it is known from
}

// Weekly is a pattern of hours that repeats each week.
type Weekly struct {
	Position Position
	Days     []string `yaml:"days"` // Mon to Sun
	From     string   `yaml:"from"` // 15:04 in the city's time zone
	To       string   `yaml:"to"`   // up to 24:00
}

// Set is the values that a field takes in another data set, for conditions over two files.
type Set struct {
	Position Position
	Dataset  string `yaml:"dataset"`
	Field    string `yaml:"field"`
}

// Read reads the documents of one city in their order. Names are unique over all of them.
func Read(folder fs.FS, files []string, taxonomy *city.Taxonomy) (*Profile, error) {
	whole := &Profile{
		Holders: map[string]Shared{}, Windows: map[string]Weekly{}, Sets: map[string]Set{},
		Rules: map[string]Rule{}, Terms: map[string]Terms{},
	}
	var all []error
	for _, file := range files {
		content, err := fs.ReadFile(folder, file)
		if err != nil {
			return nil, fmt.Errorf("reading the profile: %w", err)
		}
		var part Profile
		if err := decodeFile(file, content, &part); err != nil {
			return nil, err
		}
		all = append(all, merge(file, "holder", whole.Holders, part.Holders), merge(file, "windows", whole.Windows, part.Windows),
			merge(file, "set", whole.Sets, part.Sets), merge(file, "rule", whole.Rules, part.Rules), merge(file, "terms", whole.Terms, part.Terms))
		whole.Datasets = append(whole.Datasets, part.Datasets...)
	}
	all = append(all, whole.check(taxonomy))
	if err := errors.Join(all...); err != nil {
		return nil, err
	}
	return whole, nil
}

func merge[V any](file, what string, whole, part map[string]V) error {
	for _, name := range sortedKeys(part) {
		if _, twice := whole[name]; twice {
			return fmt.Errorf("%s: %s %q is defined in another file already", file, what, name)
		}
	}
	maps.Copy(whole, part)
	return nil
}
