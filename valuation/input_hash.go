package valuation

import (
	"cmp"
	"encoding/json"
	"slices"
)

// InputHash identifies a set of matches, whatever their order: SHA-256 over their JSON by id, hexadecimal. It is stored
// with a valuation, beside the parameters' hash.
func InputHash(matches []Match) string {
	sorted := slices.SortedFunc(slices.Values(matches), func(a, b Match) int { return cmp.Compare(a.ID, b.ID) })
	parts := make([][]byte, len(sorted))
	for i, m := range sorted {
		parts[i], _ = json.Marshal(m) // strings and finite numbers always encode
	}
	return digest(parts...)
}
