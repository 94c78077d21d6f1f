package profile

import "go.yaml.in/yaml/v3"

// Conditions hold when each field passes its test. No condition always holds.
type Conditions map[string]Test

// Test compares one field with constants. Texts are compared without regard to case and outer space. A missing field
// passes only Missing, Not and NotIn.
type Test struct {
	Position Position
	Is       []string // one of these; the short notation is one text or a list
	Not      Texts    `yaml:"not"`      // none of these
	Contains Texts    `yaml:"contains"` // one of these is in it
	Starts   Texts    `yaml:"starts"`   // it begins with one of these
	Asks     Texts    `yaml:"asks"`     // free text asks for one of these: it stands in a clause that does not deny it; diaper* for diapers too
	Besides  Texts    `yaml:"besides"`  // with asks: these are passed over, such as dog food where food is asked for
	Missing  *bool    `yaml:"missing"`  //
	Before   string   `yaml:"before"`   // a time: before as_of, or a date
	From     string   `yaml:"from"`     // a time: at or after as_of, or a date
	AtLeast  *float64 `yaml:"at_least"` //
	Below    *float64 `yaml:"below"`    //
	In       string   `yaml:"in"`       // a set
	NotIn    string   `yaml:"not_in"`   //
}

// Texts is a list of texts, or one.
type Texts []string

func (t *Texts) decode(d *decoder, node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*t = Texts{node.Value}
		return nil
	}
	var list []string
	if err := decodeAs(d, node, &list); err != nil {
		return err
	}
	*t = list
	return nil
}

type plainTest Test

func (t *Test) decode(d *decoder, node *yaml.Node) error {
	if node.Kind == yaml.MappingNode {
		return decodeAs(d, node, (*plainTest)(t))
	}
	var texts Texts
	if err := texts.decode(d, node); err != nil {
		return err
	}
	*t = Test{Position: d.at(node), Is: texts}
	return nil
}

// AsOf is the word for the moment of the data in a test of a time.
const AsOf = "as_of"

// IsEmpty says whether the test tests nothing.
func (t Test) IsEmpty() bool {
	return len(t.Is)+len(t.Not)+len(t.Contains)+len(t.Starts)+len(t.Asks) == 0 && t.Missing == nil && t.Before == "" && t.From == "" &&
		t.AtLeast == nil && t.Below == nil && t.In == "" && t.NotIn == ""
}
