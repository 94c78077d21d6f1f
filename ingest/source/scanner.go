package source

// step results.
type step uint8

const (
	goOn          step = iota
	featureDone        // the closing brace of the feature
	stringBroken       // a line end inside a string
	featureInside      // another feature begins inside this one, at the last opened brace
)

// scanner follows the structure of one JSON object byte by byte.
type scanner struct {
	opened   []int // where each brace that is still open stands
	inString bool
	escaped  bool
	begin    int    // where the current string begins
	last     string // the last complete string, if it is one that matters
	typeKey  bool   // the key "type" and its colon stand directly before
}

// step looks at the last byte of raw.
func (s *scanner) step(raw []byte) step {
	at := len(raw) - 1
	next := raw[at]
	if s.inString {
		return s.text(raw, at, next)
	}
	switch next {
	case ' ', '\t', '\r', '\n':
		return goOn
	case '"':
		s.inString, s.begin = true, at
		return goOn
	case ':':
		s.typeKey = s.last == "type"
		return goOn
	case '{':
		s.opened = append(s.opened, at)
	case '}':
		s.opened = s.opened[:len(s.opened)-1]
		if len(s.opened) == 0 {
			return featureDone
		}
	}
	s.last, s.typeKey = "", false
	return goOn
}

// plain says how many of the bytes that follow need no step: they neither begin nor end anything, nor a line.
func (s *scanner) plain(ahead []byte) int {
	if s.escaped {
		return 0
	}
	n := 0
	if s.inString {
		for n < len(ahead) && ahead[n] != '"' && ahead[n] != '\\' && ahead[n] != '\n' {
			n++
		}
		return n
	}
	for n < len(ahead) && !structural[ahead[n]] {
		n++
	}
	if n > 0 {
		s.last, s.typeKey = "", false
	}
	return n
}

// structural are the bytes outside of texts that step has to see.
var structural = [256]bool{' ': true, '\t': true, '\r': true, '\n': true, '"': true, ':': true, '{': true, '}': true}

func (s *scanner) text(raw []byte, at int, next byte) step {
	switch {
	case s.escaped:
		s.escaped = false
	case next == '\\':
		s.escaped = true
	case next == '\n':
		return stringBroken
	case next == '"':
		s.inString = false
		value := raw[s.begin+1 : at]
		s.last = ""
		if string(value) == "type" {
			s.last = "type"
		}
		if s.typeKey && len(s.opened) > 1 && string(value) == "Feature" {
			return featureInside
		}
		s.typeKey = false
	}
	return goOn
}
