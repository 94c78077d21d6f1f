package profile

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

	"github.com/city-resource-graph/crg/city"
)

// Position is a place in a YAML file.
type Position struct {
	File string
	Line int
}

func (p Position) String() string { return fmt.Sprintf("%s, line %d", p.File, p.Line) }

// Errorf is an error at the position.
func (p Position) Errorf(format string, args ...any) error {
	return fmt.Errorf(p.String()+": "+format, args...)
}

// custom is implemented by types with a notation of their own.
type custom interface {
	decode(d *decoder, node *yaml.Node) error
}

// decoder fills structs from YAML nodes. Unlike the library's it refuses unknown keys everywhere and tells each struct
// with a Position where it stands, so that errors found later can name the line.
type decoder struct {
	file string
}

// decodeFile reads one YAML document, composed (NFC) as the text of data files is.
func decodeFile(file string, content []byte, out any) error {
	document, err := city.YAMLDocument(norm.NFC.Bytes(content), file)
	if err != nil {
		return err
	}
	d := &decoder{file: file}
	return d.value(document, reflect.ValueOf(out).Elem())
}

func (d *decoder) at(node *yaml.Node) Position { return Position{File: d.file, Line: node.Line} }

var positionType = reflect.TypeFor[Position]()

func (d *decoder) value(node *yaml.Node, out reflect.Value) error {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if out.CanAddr() {
		if own, ok := out.Addr().Interface().(custom); ok {
			return own.decode(d, node)
		}
	}
	switch out.Kind() {
	case reflect.Pointer:
		out.Set(reflect.New(out.Type().Elem()))
		return d.value(node, out.Elem())
	case reflect.Struct:
		return d.structure(node, out)
	case reflect.Map:
		return d.mapping(node, out)
	case reflect.Slice:
		return d.list(node, out)
	}
	return d.scalar(node, out)
}

func (d *decoder) structure(node *yaml.Node, out reflect.Value) error {
	fields := map[string]reflect.Value{}
	collect(out, fields, d.at(node))
	return d.pairs(node, func(key string, name, value *yaml.Node) error {
		field, ok := fields[key]
		if !ok {
			return d.at(name).Errorf("unknown key %q: want one of %s", key, strings.Join(sortedKeys(fields), ", "))
		}
		return d.value(value, field)
	})
}

// collect finds the fields of a struct by their YAML names, those of embedded structs included.
func collect(out reflect.Value, fields map[string]reflect.Value, at Position) {
	for i := range out.NumField() {
		kind := out.Type().Field(i)
		switch {
		case kind.Type == positionType:
			out.Field(i).Set(reflect.ValueOf(at))
		case kind.Anonymous:
			collect(out.Field(i), fields, at)
		case kind.Tag.Get("yaml") != "":
			fields[kind.Tag.Get("yaml")] = out.Field(i)
		}
	}
}

func (d *decoder) mapping(node *yaml.Node, out reflect.Value) error {
	out.Set(reflect.MakeMap(out.Type()))
	return d.pairs(node, func(key string, _, value *yaml.Node) error {
		element := reflect.New(out.Type().Elem()).Elem()
		if err := d.value(value, element); err != nil {
			return err
		}
		out.SetMapIndex(reflect.ValueOf(key).Convert(out.Type().Key()), element)
		return nil
	})
}

func (d *decoder) pairs(node *yaml.Node, visit func(key string, name, value *yaml.Node) error) error {
	if node.Kind != yaml.MappingNode {
		return d.at(node).Errorf("found %s: want keys with values", describe(node))
	}
	seen := map[string]int{}
	var all []error
	for i := 0; i+1 < len(node.Content); i += 2 {
		name := node.Content[i]
		if line, twice := seen[name.Value]; twice {
			all = append(all, d.at(name).Errorf("key %q is given on line %d already", name.Value, line))
			continue
		}
		seen[name.Value] = name.Line
		all = append(all, visit(name.Value, name, node.Content[i+1]))
	}
	return errors.Join(all...)
}

func (d *decoder) list(node *yaml.Node, out reflect.Value) error {
	if node.Kind != yaml.SequenceNode {
		return d.at(node).Errorf("found %s: want a list", describe(node))
	}
	out.Set(reflect.MakeSlice(out.Type(), len(node.Content), len(node.Content)))
	var all []error
	for i, element := range node.Content {
		all = append(all, d.value(element, out.Index(i)))
	}
	return errors.Join(all...)
}

func (d *decoder) scalar(node *yaml.Node, out reflect.Value) error {
	if node.Kind != yaml.ScalarNode {
		return d.at(node).Errorf("found %s: want a single value", describe(node))
	}
	switch out.Kind() {
	case reflect.String:
		out.SetString(node.Value)
	case reflect.Bool:
		if node.Value != "true" && node.Value != "false" {
			return d.at(node).Errorf("%q: want true or false", node.Value)
		}
		out.SetBool(node.Value == "true")
	case reflect.Int, reflect.Int64:
		number, err := strconv.ParseInt(node.Value, 10, 64)
		if err != nil {
			return d.at(node).Errorf("%q: want a whole number", node.Value)
		}
		out.SetInt(number)
	case reflect.Float64:
		number, err := strconv.ParseFloat(node.Value, 64)
		if err != nil || number != number {
			return d.at(node).Errorf("%q: want a number", node.Value)
		}
		out.SetFloat(number)
	default:
		return d.at(node).Errorf("cannot read %s here", out.Type())
	}
	return nil
}

func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	}
	return fmt.Sprintf("%q", node.Value)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
