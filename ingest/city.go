package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/profile"
)

// City is a city as its folder describes it: city.yaml and the documents that it names.
type City struct {
	ID       city.ID
	Name     string
	Zone     *time.Location
	Currency city.Currency
	Centre   city.Point
	AsOf     time.Time // the moment of the data in the city's time; midnight of a day
	Horizon  int       // days for which weekly patterns are written out
	Credit   string    // whose data it is and under which licence

	Policy    city.ApprovalPolicy
	Scoring   []byte // scoring.yaml as written; the matching engine reads it
	ScoringID string

	// Guest says that the folder describes a way of reading, not a city: where the city exists already, its own zone,
	// currency and wards hold (OpenFor), and dates are not shifted.
	Guest bool

	taxonomy *city.Taxonomy
	host     *Areas // of a guest: the city's own wards
	wards    wardSpec
	areas    areasOnce
	profile  *profile.Profile
	rules    map[city.RuleID]city.Rule
	datasets []*dataset
}

// cityFile is the shape of city.yaml.
type cityFile struct {
	ID          string     `yaml:"id"`
	Name        string     `yaml:"name"`
	TimeZone    string     `yaml:"time_zone"`
	Currency    string     `yaml:"currency"`
	Centre      city.Point `yaml:"centre"`
	AsOf        string     `yaml:"as_of"`
	HorizonDays int        `yaml:"horizon_days"`
	Credit      string     `yaml:"credit"`
	Wards       wardSpec   `yaml:"wards"`
	Policy      string     `yaml:"policy"`
	Scoring     string     `yaml:"scoring"`
	Profile     []string   `yaml:"profile"`
	Guest       bool       `yaml:"guest"`
}

// wardSpec says where the wards are.
type wardSpec struct {
	File         string          `yaml:"file"` // GeoJSON polygons in the data folder
	Box          []float64       `yaml:"box"`  // instead: west, south, east, north of a city whose data has no wards
	ID           string          `yaml:"id"`   // columns; of a box the ward's own id and name
	Name         string          `yaml:"name"`
	Population   string          `yaml:"population"`
	MedianIncome string          `yaml:"median_income"`
	Statistics   *statisticsSpec `yaml:"statistics"`
}

// statisticsSpec says which smaller areas to sum over.
type statisticsSpec struct {
	File         string `yaml:"file"`
	Population   string `yaml:"population"`
	MedianIncome string `yaml:"median_income"`
}

// Open reads a city's folder and checks all of it.
func Open(folder fs.FS, taxonomy *city.Taxonomy) (*City, error) { return OpenAs(folder, taxonomy, "") }

// OpenAs is Open for a city that is known under another id than its folder gives it, so that one profile can serve
// several, such as each demonstration's own. An empty id is the folder's.
func OpenAs(folder fs.FS, taxonomy *city.Taxonomy, id city.ID) (*City, error) {
	return openFor(folder, taxonomy, id, nil)
}

// Host is a city that exists already, into which files are read by the profile of a guest.
type Host struct {
	ID       city.ID
	Name     string
	Zone     *time.Location
	Currency city.Currency
	Centre   city.Point
	Now      time.Time // city time
	Wards    []Ward
}

// OpenFor opens the folder of a guest for a city that exists.
func OpenFor(folder fs.FS, taxonomy *city.Taxonomy, host Host) (*City, error) {
	for i := range host.Wards {
		shape, err := parsePolygon(host.Wards[i].Boundary)
		if err != nil {
			return nil, fmt.Errorf("ward %s: %w", host.Wards[i].ID, err)
		}
		host.Wards[i].shape = shape
	}
	return openFor(folder, taxonomy, host.ID, &host)
}

// at puts a guest into its city.
func (c *City) at(host *Host) {
	now := host.Now.In(host.Zone)
	c.Name, c.Zone, c.Currency, c.Centre = host.Name, host.Zone, host.Currency, host.Centre
	c.AsOf = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, host.Zone)
	c.host = &Areas{Wards: host.Wards}
}

func openFor(folder fs.FS, taxonomy *city.Taxonomy, id city.ID, host *Host) (*City, error) {
	var file cityFile
	if err := readYAML(folder, "city.yaml", &file); err != nil {
		return nil, err
	}
	if id == "" {
		id = city.ID(file.ID)
	}
	c := &City{
		ID: id, Name: file.Name, Currency: city.Currency(file.Currency), Centre: file.Centre,
		Horizon: file.HorizonDays, Credit: file.Credit, Guest: file.Guest, taxonomy: taxonomy, wards: file.Wards,
	}
	if err := c.check(file); err != nil {
		return nil, fmt.Errorf("city.yaml: %w", err)
	}
	if err := readYAML(folder, file.Policy, &c.Policy); err != nil {
		return nil, err
	}
	if err := c.Policy.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", file.Policy, err)
	}
	if c.Policy.Currency != c.Currency {
		return nil, fmt.Errorf("%s: currency %s, but the city's is %s", file.Policy, c.Policy.Currency, c.Currency)
	}
	if err := c.readScoring(folder, file.Scoring); err != nil {
		return nil, err
	}
	if host != nil && !c.Guest {
		return nil, fmt.Errorf("the profile of city %s describes that city alone: want one for any city, such as sheet or hsds", file.ID)
	}
	if host != nil {
		c.at(host)
	}
	var err error
	if c.profile, err = profile.Read(folder, file.Profile, taxonomy); err != nil {
		return nil, fmt.Errorf("the mapping profile of %s:\n%w", c.ID, err)
	}
	return c, c.compile()
}

func (c *City) check(file cityFile) error {
	if err := city.ValidateID("id", c.ID); err != nil {
		return err
	}
	if c.Name == "" {
		return errors.New("name is missing")
	}
	if err := c.Currency.Validate(); err != nil {
		return err
	}
	if err := c.Centre.Validate(); err != nil {
		return fmt.Errorf("centre: %w", err)
	}
	zone, err := time.LoadLocation(file.TimeZone)
	if err != nil || file.TimeZone == "" {
		return fmt.Errorf("time_zone %q: want a name such as America/New_York", file.TimeZone)
	}
	c.Zone = zone
	if err := c.readAsOf(file.AsOf); err != nil {
		return err
	}
	if c.Horizon < 1 || c.Horizon > 366 {
		return fmt.Errorf("horizon_days %d: want 1 to 366", c.Horizon)
	}
	if err := file.Wards.check(); err != nil {
		return fmt.Errorf("wards: %w", err)
	}
	if len(file.Profile) == 0 {
		return errors.New("profile: want the documents of the mapping profile")
	}
	return nil
}

// readAsOf reads the day of the data. Data that is kept up to date is of today, and its dates are not shifted.
func (c *City) readAsOf(text string) (err error) {
	if text == "today" {
		now := time.Now().In(c.Zone)
		c.AsOf = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, c.Zone)
		return nil
	}
	if c.AsOf, err = time.ParseInLocation("2006-01-02", text, c.Zone); err != nil {
		return fmt.Errorf("as_of %q: want the day of the data, such as 2016-08-08, or today", text)
	}
	return nil
}

func (w wardSpec) check() error {
	switch {
	case w.ID == "":
		return errors.New("want id: a column of the file, or of a box the ward's own")
	case len(w.Box) == 0 && fs.ValidPath(w.File):
		return nil
	case w.File != "" || len(w.Box) != 4:
		return errors.New("want file (a path in the data folder), or box: [west, south, east, north]")
	case w.Box[0] >= w.Box[2] || w.Box[1] >= w.Box[3] || w.Box[0] < -180 || w.Box[1] < -90 || w.Box[2] > 180 || w.Box[3] > 90:
		return fmt.Errorf("box %v: want west, south, east, north in degrees", w.Box)
	}
	return city.ValidateID("ward", w.ID)
}

// readScoring keeps the scoring as written and takes its id; its content is the engine's to judge.
func (c *City) readScoring(folder fs.FS, name string) error {
	content, err := fs.ReadFile(folder, name)
	if err != nil {
		return fmt.Errorf("reading the scoring: %w", err)
	}
	var header struct {
		ID string `yaml:"id"`
	}
	if err := yaml.Unmarshal(content, &header); err != nil || header.ID == "" {
		return fmt.Errorf("%s: want YAML with an id such as dc.scoring@1", name)
	}
	c.Scoring, c.ScoringID = content, header.ID
	return nil
}

func readYAML(folder fs.FS, name string, out any) error {
	content, err := fs.ReadFile(folder, name)
	if err != nil {
		return fmt.Errorf("reading the city's folder: %w", err)
	}
	if _, err := city.YAMLDocument(content, name); err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(out); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Plane is the city's metric projection.
func (c *City) Plane() city.Plane { return city.Plane{Centre: c.Centre} }

// Rules lists the derivation rules of the profile by id.
func (c *City) Rules() []city.Rule {
	rules := make([]city.Rule, 0, len(c.rules))
	for _, id := range sortedKeys(c.rules) {
		rules = append(rules, c.rules[id])
	}
	return rules
}

// Datasets lists the data sets in reading order.
func (c *City) Datasets() []string {
	ids := make([]string, len(c.datasets))
	for i, d := range c.datasets {
		ids[i] = d.ID
	}
	return ids
}
