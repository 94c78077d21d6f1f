package city

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// YAMLDocument reads the one document of a file. An empty file and one with a second document are refused, for nothing in
// a file is ever ignored.
func YAMLDocument(content []byte, name string) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document, second yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) || (err == nil && len(document.Content) == 0) {
		return nil, fmt.Errorf("%s: the file is empty", name)
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := decoder.Decode(&second); err == nil {
		return nil, fmt.Errorf("%s (line %d): a second document begins: want one", name, second.Line)
	} else if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return document.Content[0], nil
}

// YAMLFields reads a mapping strictly: an unknown or repeated field is an error that names its path and line, for a
// misspelt field must never be ignored. With no allowed names, any name goes. Fields that hold null count as absent.
func YAMLFields(node *yaml.Node, path string, allowed ...string) (map[string]*yaml.Node, error) {
	node = resolveAlias(node)
	if node.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s (line %d): want a mapping of names to values", path, node.Line)
	}
	fields := make(map[string]*yaml.Node, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i].Value, resolveAlias(node.Content[i+1])
		switch {
		case len(allowed) > 0 && !slices.Contains(allowed, name):
			return nil, fmt.Errorf("%s (line %d): unknown field %q: want one of %s", path, node.Content[i].Line, name, strings.Join(allowed, ", "))
		case fields[name] != nil:
			return nil, fmt.Errorf("%s (line %d): field %q is given twice", path, node.Content[i].Line, name)
		case value.Tag == "!!null":
			continue
		}
		fields[name] = value
	}
	return fields, nil
}

func resolveAlias(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

var figureFields = []string{
	"low", "central", "high", "distribution", "unit", "currency", "price_year", "source", "evidence", "note",
}

// ReadFigure reads a figure from YAML. Its source is a key of sources, which hold the full citations.
func ReadFigure(node *yaml.Node, path string, sources map[string]string) (Figure, error) {
	fields, err := YAMLFields(node, path, figureFields...)
	if err != nil {
		return Figure{}, err
	}
	read := figureReader{fields: fields, path: path}
	figure := Figure{
		Low: read.number("low"), Central: read.number("central"), High: read.number("high"),
		Unit: read.text("unit"), Currency: Currency(read.text("currency")),
		Evidence: Evidence(read.text("evidence")), Distribution: Distribution(read.text("distribution")), Note: read.text("note"),
	}
	if fields["price_year"] != nil {
		figure.PriceYear = read.year("price_year")
	}
	if read.err != nil {
		return Figure{}, read.err
	}
	if figure.Distribution == "" { // a range without a named distribution is drawn as a triangle
		figure.Distribution = Triangular
		if figure.Low == figure.High {
			figure.Distribution = Fixed
		}
	}
	if key := read.text("source"); key != "" {
		if figure.Source = sources[key]; figure.Source == "" {
			return Figure{}, fmt.Errorf("%s.source %q: not among the file's sources", path, key)
		}
	}
	if err := figure.Validate(); err != nil {
		return Figure{}, fmt.Errorf("%s (line %d): %w", path, node.Line, err)
	}
	return figure, nil
}

// ReadSources reads the citations that figures refer to by key.
func ReadSources(node *yaml.Node, path string) (map[string]string, error) {
	if node == nil {
		return nil, fmt.Errorf("%s: missing: want a mapping of short keys to full citations", path)
	}
	fields, err := YAMLFields(node, path)
	if err != nil {
		return nil, err
	}
	sources := make(map[string]string, len(fields))
	for key, value := range fields {
		if sources[key] = strings.TrimSpace(value.Value); sources[key] == "" {
			return nil, fmt.Errorf("%s.%s: empty: want a full citation", path, key)
		}
	}
	return sources, nil
}

// figureReader keeps the first error, so that a figure reads as one expression.
type figureReader struct {
	fields map[string]*yaml.Node
	path   string
	err    error
}

func (r *figureReader) number(name string) float64 {
	node := r.fields[name]
	if node == nil {
		r.fail(fmt.Errorf("%s.%s missing: want a number", r.path, name))
		return 0
	}
	number, err := strconv.ParseFloat(node.Value, 64)
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		r.fail(fmt.Errorf("%s.%s %q (line %d): want a finite number", r.path, name, node.Value, node.Line))
	}
	return number
}

func (r *figureReader) year(name string) int {
	node := r.fields[name]
	year, err := strconv.Atoi(node.Value)
	if err != nil || year < 1 {
		r.fail(fmt.Errorf("%s.%s %q (line %d): want a year such as 2025", r.path, name, node.Value, node.Line))
	}
	return year
}

func (r *figureReader) text(name string) string {
	if node := r.fields[name]; node != nil {
		return strings.TrimSpace(node.Value)
	}
	return ""
}

func (r *figureReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}
