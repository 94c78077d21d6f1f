package valuation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// field is one member of a JSON object, in the document's order.
type field struct {
	name  string
	value json.RawMessage
}

// readObject reads a JSON object and refuses a repeated name, which the standard decoder would let win silently.
func readObject(content []byte) ([]field, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	token, err := decoder.Token()
	if err != nil {
		return nil, describeJSON(content, err)
	}
	if token != json.Delim('{') {
		return nil, fmt.Errorf("%.40s: want a JSON object", strings.TrimSpace(string(content)))
	}
	var fields []field
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, describeJSON(content, err)
		}
		name, isText := token.(string)
		if !isText {
			return nil, fmt.Errorf("%v: want a field name", token)
		}
		read := field{name: name}
		if err := decoder.Decode(&read.value); err != nil {
			return nil, describeJSON(content, err)
		}
		if seen[read.name] {
			return nil, fmt.Errorf("field %q is given twice", read.name)
		}
		seen[read.name] = true
		fields = append(fields, read)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, describeJSON(content, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object: want one document")
	}
	return fields, nil
}

// readList reads a JSON list; null is none.
func readList(content []byte) ([]json.RawMessage, error) {
	var rows []json.RawMessage
	if err := json.Unmarshal(content, &rows); err != nil || rows == nil {
		return nil, fmt.Errorf("%.40s: want a list", content)
	}
	return rows, nil
}

// describeJSON says in which line and field a document stops being JSON, and what stands there.
func describeJSON(content []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		path, rest := breakOf(content)
		line := 1 + bytes.Count(content[:len(content)-len(rest)], []byte("\n"))
		if word := strangeWord(rest); word != "" {
			return fmt.Errorf("line %d: not JSON: %s %s: want a number, text in quotes, true or false", line, path, word)
		}
		return fmt.Errorf("line %d: not JSON: %s: %w", line, path, err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("not JSON: the document ends too early")
	}
	return err
}

// strangeWord is the bare word that content begins with, such as NaN; empty where it begins with none.
func strangeWord(content []byte) string {
	end := bytes.IndexFunc(content, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("+-._", r)
	})
	if end < 0 {
		end = len(content)
	}
	return string(content[:min(end, 20)])
}

// level is an object or list that a document has begun: the member that is read in it.
type level struct {
	list    bool
	index   int
	name    string
	isValue bool // of an object: its name was read, its value comes next
}

// breakOf is where a document stops being JSON: the path of the value, such as matches[3].tip_fee, and what begins there.
func breakOf(content []byte) (path string, rest []byte) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	var levels []level
	next := func() { // the value that was begun is whole
		if len(levels) > 0 {
			levels[len(levels)-1].index++
			levels[len(levels)-1].isValue = false
		}
	}
	for {
		token, err := decoder.Token()
		if err != nil {
			return pathOf(levels), bytes.TrimLeft(content[decoder.InputOffset():], " \t\r\n:,")
		}
		name, isText := token.(string)
		switch {
		case token == json.Delim('{') || token == json.Delim('['):
			levels = append(levels, level{list: token == json.Delim('[')})
		case token == json.Delim('}') || token == json.Delim(']'):
			levels = levels[:len(levels)-1]
			next()
		case isText && len(levels) > 0 && !levels[len(levels)-1].list && !levels[len(levels)-1].isValue:
			levels[len(levels)-1].name, levels[len(levels)-1].isValue = name, true
		default:
			next()
		}
	}
}

func pathOf(levels []level) string {
	var path strings.Builder
	for i, l := range levels {
		switch {
		case l.list:
			fmt.Fprintf(&path, "[%d]", l.index)
		case i > 0 && l.name != "":
			path.WriteString("." + l.name)
		default:
			path.WriteString(l.name)
		}
	}
	if path.Len() == 0 {
		return "the document"
	}
	return path.String()
}

// text reads a string into any string type.
func (f field) text(into any) error {
	if len(f.value) == 0 || f.value[0] != '"' {
		return fmt.Errorf("%s: want text in quotes", f.value)
	}
	return json.Unmarshal(f.value, into)
}

// number reads a finite number; text such as "NaN" is none.
func (f field) number() (float64, error) {
	number, err := strconv.ParseFloat(string(f.value), 64)
	if err != nil || math.IsInf(number, 0) || math.IsNaN(number) {
		return 0, fmt.Errorf("%s: want a finite number", f.value)
	}
	return number + 0, nil // + 0: no minus zero
}

// year reads a year.
func (f field) year() (int, error) {
	year, err := strconv.Atoi(string(f.value))
	if err != nil || year < 1 {
		return 0, fmt.Errorf("%s: want a year such as 2025", f.value)
	}
	return year, nil
}
