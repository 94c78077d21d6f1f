package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a value; deeper ones are refused before a database's stack has to.
const maxDepth = 64

// columnNames hands out one string per column name, so that a million rows do not allocate a million names.
type columnNames map[string]string

func (c columnNames) intern(name []byte) string {
	if known, ok := c[string(name)]; ok {
		return known
	}
	text := composed(string(name))
	if len(c) < 4096 { // a file of ever new names must not fill memory
		c[string(name)] = text
	}
	return text
}

// checkJSON refuses what is not JSON, and what is JSON but no database keeps: NUL characters, half surrogate pairs, text
// that is not UTF-8, nesting without end.
func checkJSON(raw []byte) *Fault {
	if !utf8.Valid(raw) {
		return &Fault{Value: excerpt(raw), Reason: "not UTF-8: " + invalidByte(raw)}
	}
	if !json.Valid(raw) {
		return &Fault{Value: excerpt(raw), Reason: whyNotJSON(raw)}
	}
	if bytes.IndexByte(raw, '\\') < 0 && bytes.Count(raw, []byte("{"))+bytes.Count(raw, []byte("[")) <= maxDepth {
		return nil
	}
	return checkText(raw)
}

func whyNotJSON(raw []byte) string {
	var anything json.RawMessage
	err := json.Unmarshal(raw, &anything)
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return fmt.Sprintf("not JSON: %v", err)
	}
	start, end := max(0, int(syntax.Offset)-20), min(len(raw), int(syntax.Offset)+10)
	return fmt.Sprintf("not JSON: %v at character %d, near %q", err, syntax.Offset, raw[start:end])
}

// checkText looks at escapes and depth of JSON that is known to be valid.
func checkText(raw []byte) *Fault {
	depth, inString := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString && c == '\\':
			i++
			if raw[i] == 'u' {
				if reason := checkEscape(raw[i-1:]); reason != "" {
					return &Fault{Value: excerpt(raw[i-1:]), Reason: reason}
				}
				if isSurrogate(raw[i+1:]) {
					i += 6
				}
			}
		case c == '"':
			inString = !inString
		case !inString && (c == '{' || c == '['):
			if depth++; depth > maxDepth {
				return &Fault{Value: excerpt(raw), Reason: fmt.Sprintf("nested deeper than %d levels", maxDepth)}
			}
		case !inString && (c == '}' || c == ']'):
			depth--
		}
	}
	return nil
}

// checkEscape looks at one \uXXXX of valid JSON.
func checkEscape(raw []byte) string {
	code, _ := strconv.ParseUint(string(raw[2:6]), 16, 16)
	switch {
	case code == 0:
		return `holds \u0000: no text contains the NUL character`
	case code >= 0xDC00 && code <= 0xDFFF:
		return "holds the second half of a surrogate pair without the first"
	case code >= 0xD800 && code <= 0xDBFF:
		if len(raw) < 12 || raw[6] != '\\' || raw[7] != 'u' || !isLowSurrogate(raw[8:]) {
			return "holds the first half of a surrogate pair without the second"
		}
	}
	return ""
}

func isSurrogate(hex []byte) bool {
	return (hex[0]|0x20) == 'd' && bytes.IndexByte([]byte("89abAB"), hex[1]) >= 0
}

func isLowSurrogate(hex []byte) bool {
	return (hex[0]|0x20) == 'd' && bytes.IndexByte([]byte("cdefCDEF"), hex[1]) >= 0
}

// members walks the members of a valid JSON object.
func members(object []byte, visit func(name, value []byte)) {
	i := skipSpace(object, 1)
	for i < len(object) && object[i] == '"' {
		end := valueEnd(object, i)
		name := object[i+1 : end-1]
		i = skipSpace(object, skipSpace(object, end)+1) // past the colon
		end = valueEnd(object, i)
		visit(name, object[i:end])
		if i = skipSpace(object, end); i < len(object) && object[i] == ',' {
			i = skipSpace(object, i+1)
		}
	}
}

func skipSpace(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\r' || raw[i] == '\t') {
		i++
	}
	return i
}

// valueEnd finds the end of the value that starts at i in valid JSON.
func valueEnd(raw []byte, i int) int {
	depth, inString := 0, false
	for ; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			if inString = !inString; !inString && depth == 0 {
				return i + 1
			}
		case inString:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth == 0 {
				return i // the end of what encloses a number or a word
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case depth == 0 && (c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t'):
			return i
		}
	}
	return i
}

// fill takes a valid JSON object as the record's values.
func (r *Record) fill(object []byte, known columnNames) {
	r.properties = object
	// A member takes a colon at least, so that this is enough for flat rows.
	room := min(bytes.Count(object, []byte{':'}), 256)
	r.names, r.values = make([]string, 0, room), make([]Value, 0, room)
	members(object, func(name, raw []byte) {
		column := known.intern(name)
		if bytes.IndexByte(name, '\\') >= 0 {
			_ = json.Unmarshal(append(append([]byte{'"'}, name...), '"'), &column)
			column = composed(column)
		}
		value := Value{Kind: kindOf(raw), raw: raw, json: true}
		if value.Kind == Number && !keepable(raw) {
			r.Fault = &Fault{Field: column, Value: excerpt(raw), Reason: "a number out of every range: want at most 1e300"}
		}
		if r.Get(column).Kind != Missing {
			r.Fault = &Fault{Field: column, Value: excerpt(raw), Reason: "the field is given twice in one row"}
		}
		r.names, r.values = append(r.names, column), append(r.values, value)
	})
}

func kindOf(raw []byte) Kind {
	switch raw[0] {
	case '"':
		if len(bytes.TrimSpace(raw[1:len(raw)-1])) == 0 {
			return Missing
		}
		return Text
	case '{', '[':
		return Compound
	case 't', 'f':
		return Flag
	case 'n':
		return Missing
	}
	return Number
}

// keepable says whether a database can hold the number: PostgreSQL's numeric overflows long before JSON does.
func keepable(raw []byte) bool {
	at := bytes.IndexAny(raw, "eE")
	if at < 0 {
		return len(raw) <= 300
	}
	exponent, err := strconv.Atoi(string(raw[at+1:]))
	return err == nil && len(raw) <= 300 && exponent <= 300 && exponent >= -300
}

func invalidByte(raw []byte) string {
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size == 1 {
			return fmt.Sprintf("byte 0x%02X at character %d", raw[i], i+1)
		}
		i += size
	}
	return "no byte"
}
