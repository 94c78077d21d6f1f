package edgelist

import (
	"fmt"
	"strconv"

	"github.com/city-resource-graph/crg/matching"
)

// number reads a whole number of at most matching.MaxMagnitude. It reports false for anything else; explain says why.
func number(text []byte) (int64, bool) {
	digits, negative := text, false
	if len(digits) > 0 && digits[0] == '-' {
		digits, negative = digits[1:], true
	}
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	n := int64(0)
	for _, c := range digits {
		d := c - '0'
		if d > 9 {
			return 0, false
		}
		n = 10*n + int64(d)
	}
	if n > matching.MaxMagnitude {
		return 0, false
	}
	if negative {
		n = -n
	}
	return n, true
}

// explain says what is wrong with a number that could not be accepted.
func explain(column string, text []byte, smallest int64) string {
	limits := fmt.Sprintf("want a whole number from %d to %d (2^40)", smallest, matching.MaxMagnitude)
	n, err := strconv.ParseInt(string(text), 10, 64)
	switch {
	case err == nil && n < smallest:
		return fmt.Sprintf("%s is %s, too small: %s", column, text, limits)
	case err == nil && n > matching.MaxMagnitude:
		return fmt.Sprintf("%s is %s, too large: %s", column, text, limits)
	default:
		return fmt.Sprintf("%s is %q: %s", column, shorten(text), limits)
	}
}
