package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/city-resource-graph/crg/api/wire"
)

// noText is what is wrong with a text that no database keeps as it was sent.
const noText = "no text: want UTF-8 without NUL"

func isText(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// isMoment refuses a day that no month has, and the moment that stands for none.
func isMoment(text string) error {
	if at, err := time.Parse(time.RFC3339, text); err != nil || at.IsZero() {
		return errors.New("want a moment such as 2026-11-24T09:00:00Z")
	}
	return nil
}

// readable refuses a body that is not one JSON value, and one with texts that would not be kept as they were sent: the
// decoder would put U+FFFD in the place of what it cannot read.
func readable(content []byte) error {
	var value any
	if err := json.Unmarshal(content, &value); err != nil {
		return invalidRequest.field("body", "not one JSON value: %v", err)
	}
	if !utf8.Valid(content) {
		return invalidRequest.field("body", "not UTF-8, the encoding of JSON")
	}
	var wrong []wire.FieldError
	eachText("", value, func(where, text string) {
		if !isText(text) {
			wrong = append(wrong, wire.FieldError{Field: where, Detail: noText})
		}
	})
	return invalidFields(wrong)
}

// eachText visits the texts of a JSON value with their places; the name of a member is a text, too.
func eachText(where string, value any, visit func(where, text string)) {
	switch v := value.(type) {
	case string:
		visit(where, v)
	case []any:
		for i, one := range v {
			eachText(fmt.Sprintf("%s/%d", where, i), one, visit)
		}
	case map[string]any:
		for name, one := range v {
			visit(where, name)
			eachText(where+"/"+name, one, visit)
		}
	}
}
