package profile

import "go.yaml.in/yaml/v3"

// Dataset says what the rows of one file are.
type Dataset struct {
	Position        Position
	ID              string           `yaml:"id"`
	File            string           `yaml:"file"`             // in the data folder
	MissingFile     string           `yaml:"missing_file"`     // skip: a data set whose file is not there has no rows; default: that is an error
	Format          string           `yaml:"format"`           // geojson, csv, jsonl, xlsx or hsds
	Each            string           `yaml:"each"`             // jsonl: a row for each element of a list in the rows, such as events.event_dates
	Sheet           string           `yaml:"sheet"`            // xlsx: the sheet to read
	OrCSV           string           `yaml:"or_csv"`           // xlsx: a CSV file with the same columns, which is read when there is no workbook
	Entity          string           `yaml:"entity"`           // hsds: services, organizations or locations
	Delimiter       string           `yaml:"delimiter"`        // CSV; a comma by default
	OtherFields     string           `yaml:"other_fields"`     // keep or reject (default): rows with a field that the profile does not name
	Outside         string           `yaml:"outside"`          // keep or reject (default): rows outside of the city
	Key             []string         `yaml:"key"`              // fields that together identify a row
	Fields          map[string]Field `yaml:"fields"`           //
	Point           *Point           `yaml:"point"`            // default: the geometry of GeoJSON, none otherwise
	LocationQuality Ref              `yaml:"location_quality"` // default: exact
	Address         string           `yaml:"address"`          // field by which rows without coordinates take those of a row above with the same address
	At              string           `yaml:"at"`               // field with the row's own date
	Holder          *Holder          `yaml:"holder"`           // who offers or asks; needed where rows become listings
	Review          []Review         `yaml:"review"`           // which holders a person must look at
	Rows            []Branch         `yaml:"rows"`             // a row takes the first branch that fits
	Attempts        []Attempt        `yaml:"attempts"`         // past attempts among the rows that are kept as history
}

// Field is a column with its type. Written as one word it is the column's name, as text.
type Field struct {
	Position Position
	Column   string   `yaml:"column"`
	And      string   `yaml:"and"`      // a column whose text follows after a space, such as the time after the date
	As       string   `yaml:"as"`       // text (default), integer, decimal, amount, flag, time, or a named function
	Layout   string   `yaml:"layout"`   // of a time, in Go's notation; default: ISO 8601
	Min      *float64 `yaml:"min"`      //
	Max      *float64 `yaml:"max"`      //
	Required bool     `yaml:"required"` // a row without it is rejected
	Optional bool     `yaml:"optional"` // a file in which no row has it is sound
	Missing  string   `yaml:"missing"`  // value to take when the row has none: a constant, or median (of the file's values)
	OneOf    []string `yaml:"one_of"`   // allowed texts
	Blank    Texts    `yaml:"blank"`    // texts that mean that the row has no value, such as n/a
}

type plainField Field

func (f *Field) decode(d *decoder, node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*f = Field{Position: d.at(node), Column: node.Value}
		return nil
	}
	return decodeAs(d, node, (*plainField)(f))
}

// Point says where a row's position is. Written as none, the rows have no place.
type Point struct {
	Position   Position
	None       bool
	Lon        string `yaml:"lon"`
	Lat        string `yaml:"lat"`
	Easting    string `yaml:"easting"`
	Northing   string `yaml:"northing"`
	Projection string `yaml:"projection"` // EPSG:3857
}

type plainPoint Point

func (p *Point) decode(d *decoder, node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*p = Point{Position: d.at(node), None: node.Value == "none"}
		if !p.None {
			return d.at(node).Errorf("point %q: want none, lon and lat, or easting, northing and projection", node.Value)
		}
		return nil
	}
	return decodeAs(d, node, (*plainPoint)(p))
}

// Holder is who offers or asks: a shared participant, or one for each row (or for each value of key).
type Holder struct {
	Position Position
	Shared   string   `yaml:"shared"`
	Key      []string `yaml:"key"` // default: the row's key
	Kind     Ref      `yaml:"kind"`
	Name     string   `yaml:"name"`     // field
	Address  string   `yaml:"address"`  // field with the id in the city's address register
	Email    string   `yaml:"email"`    // field; only the domain is kept
	Operator string   `yaml:"operator"` // field with the name or key of who runs it: a chain, a parent organisation
}

// Review sends the holder of a row to a person.
type Review struct {
	Position Position
	When     Conditions `yaml:"when"`
	Because  string     `yaml:"because"`
}

// Branch is one way for a row to end: with listings, or with another outcome and the reason for it. A branch that would
// list but lists nothing is passed over.
type Branch struct {
	Position Position
	When     Conditions `yaml:"when"`
	Then     string     `yaml:"then"`    // place_fact, history, price_evidence or reject
	Because  string     `yaml:"because"` // needed with then
	List     []Listing  `yaml:"list"`
}

// Attempt says which rows of history are past attempts to fetch or hand over something, and which of them failed. Reports
// hold the stated chances of success against them. The first that fits a row counts.
type Attempt struct {
	Position Position
	What     string     `yaml:"what"` // for reports, in the plural
	Leaf     string     `yaml:"leaf"` // whose chance of success they test
	At       string     `yaml:"at"`   // time field: when the outcome became known; a row without it is no attempt
	When     Conditions `yaml:"when"`
	Failed   Conditions `yaml:"failed"`
}

// decodeAs decodes a struct whose own notation has been dealt with.
func decodeAs[T any](d *decoder, node *yaml.Node, out *T) error {
	return d.value(node, valueOf(out))
}
