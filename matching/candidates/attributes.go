package candidates

import (
	"encoding/json"
	"fmt"

	"github.com/city-resource-graph/crg/city"
)

// attribute is one typed attribute of one resource.
type attribute struct {
	kind   attributeKind
	number float64 // of a number; 1 or 0 of a bool
	text   string
}

type attributeKind uint8

const (
	attributeMissing attributeKind = iota
	attributeBool
	attributeNumber
	attributeText
)

func attributeOf(value any) (attribute, error) {
	switch v := value.(type) {
	case bool:
		if v {
			return attribute{kind: attributeBool, number: 1}, nil
		}
		return attribute{kind: attributeBool}, nil
	case string:
		return attribute{kind: attributeText, text: v}, nil
	case float64:
		return attribute{kind: attributeNumber, number: v}, nil
	case int:
		return attribute{kind: attributeNumber, number: float64(v)}, nil
	case int64:
		return attribute{kind: attributeNumber, number: float64(v)}, nil
	case json.Number:
		number, err := v.Float64()
		return attribute{kind: attributeNumber, number: number}, err
	}
	return attribute{}, fmt.Errorf("%v (%T): want a bool, a number or a text", value, value)
}

// operator compares in a constraint.
type operator uint8

const (
	operatorEqual operator = iota
	operatorNotEqual
	operatorAtLeast
	operatorAtMost
)

func operatorOf(text string) (operator, error) {
	switch text {
	case "=":
		return operatorEqual, nil
	case "!=":
		return operatorNotEqual, nil
	case ">=":
		return operatorAtLeast, nil
	case "<=":
		return operatorAtMost, nil
	}
	return 0, fmt.Errorf("operator %q: want =, !=, >= or <=", text)
}

// condition is a compiled hard constraint.
type condition struct {
	column   []attribute // by resource
	operator operator
	value    attribute
}

// holds is false for a resource that does not state the attribute, or states another type: a hard constraint is never
// met by silence.
func (c *condition) holds(resource int32) bool {
	have := &c.column[resource]
	if have.kind != c.value.kind {
		return false
	}
	equal := have.number == c.value.number && have.text == c.value.text
	switch c.operator {
	case operatorEqual:
		return equal
	case operatorNotEqual:
		return !equal
	case operatorAtLeast:
		return have.number >= c.value.number
	default:
		return have.number <= c.value.number
	}
}

// columns holds, for each attribute that some need asks about, its value at every resource.
type columns map[string][]attribute

// column returns the values of one attribute, read from the resources at the first question.
func (c columns) column(name string, resources []Listing) ([]attribute, error) {
	if column, known := c[name]; known {
		return column, nil
	}
	column := make([]attribute, len(resources))
	for r := range resources {
		value, stated := resources[r].Attributes[name]
		if !stated {
			continue
		}
		a, err := attributeOf(value)
		if err != nil {
			return nil, fmt.Errorf("resource %s, attribute %s: %w", resources[r].ID, name, err)
		}
		column[r] = a
	}
	c[name] = column
	return column, nil
}

func (c columns) compile(constraints []city.Constraint, resources []Listing) ([]condition, error) {
	var conditions []condition
	for _, constraint := range constraints {
		value, err := attributeOf(constraint.Value)
		if err != nil {
			return nil, fmt.Errorf("constraint on %s: %w", constraint.Attribute, err)
		}
		compare, err := operatorOf(constraint.Operator)
		if err != nil {
			return nil, fmt.Errorf("constraint on %s: %w", constraint.Attribute, err)
		}
		if value.kind != attributeNumber && compare >= operatorAtLeast {
			return nil, fmt.Errorf("constraint on %s: %s needs a number, not %v", constraint.Attribute, constraint.Operator, constraint.Value)
		}
		column, err := c.column(constraint.Attribute, resources)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, condition{column: column, operator: compare, value: value})
	}
	return conditions, nil
}
