package graph

import (
	"strings"
	"unicode"
)

// likeness of two names, 0 to 1, as pg_trgm defines it: the share of trigrams that both have. So the graph's answer and
// PostgreSQL's are on one scale.
func likeness(a, b string) float64 {
	x, y := trigrams(a), trigrams(b)
	both := 0
	for t := range x {
		if y[t] {
			both++
		}
	}
	if all := len(x) + len(y) - both; all > 0 {
		return float64(both) / float64(all)
	}
	return 0
}

func trigrams(name string) map[string]bool {
	found := map[string]bool{}
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, word := range words {
		runes := []rune("  " + word + " ")
		for i := range len(runes) - 2 {
			found[string(runes[i:i+3])] = true
		}
	}
	return found
}
