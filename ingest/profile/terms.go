package profile

import (
	"reflect"

	"go.yaml.in/yaml/v3"
)

// Terms are the conditions on which something is offered or asked. A listing may name shared terms and state some itself;
// its own come first.
type Terms struct {
	Position      Position
	Side          string         `yaml:"side"` // resource or need
	Leaf          Ref            `yaml:"leaf"`
	Title         Ref            `yaml:"title"`
	Origin        string         `yaml:"origin"` // observed, modelled or generated
	Windows       *Windows       `yaml:"windows"`
	Temperature   Ref            `yaml:"temperature"` // default: the category's
	Attributes    map[string]Ref `yaml:"attributes"`
	RadiusKM      Ref            `yaml:"radius_km"`       // resource; none = anywhere in the city
	PerishHours   Ref            `yaml:"perish_hours"`    // resource; after its last window
	MinimumLot    Ref            `yaml:"minimum_lot"`     // least quantity of one match
	Divisible     Ref            `yaml:"divisible"`       // default true; no: all of it in one match, or nothing
	Condition     Ref            `yaml:"condition"`       // resource; remaining share of its usual worth
	CostPerUnit   Ref            `yaml:"cost_per_unit"`   // resource; asked, in currency units
	AskFirst      bool           `yaml:"ask_first"`       // resource; unconfirmed until its holder answers
	Usable        string         `yaml:"usable"`          // resource; rule of the chance that it is usable
	Substitutes   []string       `yaml:"substitutes"`     // need
	MaxDistanceKM Ref            `yaml:"max_distance_km"` // need
	Urgency       Ref            `yaml:"urgency"`         // need; 1 to 3, default 3
	BudgetPerUnit Ref            `yaml:"budget_per_unit"` // need; in currency units
	Storage       Ref            `yaml:"storage"`         // need; most that it can store, in units
	Require       []Constraint   `yaml:"require"`         // need; hard conditions over a resource's attributes
}

// Constraint is a hard condition over a resource's attributes. It falls away when its value is a missing field.
type Constraint struct {
	Position  Position
	Attribute string `yaml:"attribute"`
	Operator  string `yaml:"operator"` // =, !=, >= or <=
	Value     Ref    `yaml:"value"`
}

// Listing is one resource or need that a row gives.
type Listing struct {
	Terms
	Use      string     `yaml:"terms"`  // shared terms
	Stated   string     `yaml:"stated"` // a field with a whole listing as this program exports it, instead of all else
	When     Conditions `yaml:"when"`
	Unless   Conditions `yaml:"unless"`
	Quantity Quantity   `yaml:"quantity"`
	Near     *Near      `yaml:"near"`
}

// Quantity says how much. One of Rule, Count, Field and Function is given.
type Quantity struct {
	Position Position
	Rule     string   `yaml:"rule"`
	Per      string   `yaml:"per"` // field that the rule is multiplied with
	Count    int64    `yaml:"count"`
	Field    string   `yaml:"field"`
	Function string   `yaml:"function"` // of numeric fields
	Of       []string `yaml:"of"`
	Share    float64  `yaml:"share"`
	Round    string   `yaml:"round"`    // nearest (default), up or down
	AtLeast  int64    `yaml:"at_least"` //
	Quality  Ref      `yaml:"quality"`  // default: inferred with a rule, declared otherwise
}

// Near drops a listing when an earlier one of the same group lies within some metres: they are taken as one.
type Near struct {
	Position Position
	Group    string  `yaml:"group"`
	Metres   float64 `yaml:"metres"`
}

// Windows says when: a named pattern, a field that holds hours, or from and until as fields. Written as one word it is a
// pattern. From is the as-of moment where it is not given.
type Windows struct {
	Position  Position
	Pattern   string
	Field     string `yaml:"field"`
	Otherwise string `yaml:"otherwise"` // pattern for rows whose field is missing
	From      string `yaml:"from"`
	Until     string `yaml:"until"`
}

type plainWindows Windows

func (w *Windows) decode(d *decoder, node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*w = Windows{Position: d.at(node), Pattern: node.Value}
		return nil
	}
	return decodeAs(d, node, (*plainWindows)(w))
}

// Ref is a constant, or the value of a field when written as {field: name}.
type Ref struct {
	Position Position
	Constant string
	Field    string `yaml:"field"`
}

type plainRef Ref

// Given says whether the document states it.
func (r Ref) Given() bool { return r.Constant != "" || r.Field != "" }

func (r *Ref) decode(d *decoder, node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*r = Ref{Position: d.at(node), Constant: node.Value}
		return nil
	}
	return decodeAs(d, node, (*plainRef)(r))
}

// Over returns the terms with what they leave open taken from base.
func (t Terms) Over(base Terms) Terms {
	out, below := reflect.ValueOf(&t).Elem(), reflect.ValueOf(base)
	for i := range out.NumField() {
		if out.Type().Field(i).Name != "Position" && isOpen(out.Field(i)) {
			out.Field(i).Set(below.Field(i))
		}
	}
	return t
}

func isOpen(value reflect.Value) bool {
	if ref, ok := value.Interface().(Ref); ok {
		return !ref.Given()
	}
	return value.IsZero()
}

func valueOf[T any](out *T) reflect.Value { return reflect.ValueOf(out).Elem() }
