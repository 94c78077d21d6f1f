package valuation

import (
	"cmp"
	"encoding/json"
	"slices"
)

// InputHash identifies a set of matches, whatever their order: SHA-256 over their JSON by id, hexadecimal. It is stored
// with a valuation, beside the parameters' hash.
func InputHash(matches []Match) string {
	order := make([]int, len(matches))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(matches[a].ID, matches[b].ID) })
	parts := make([][]byte, len(order))
	onAllCores(len(order), func(i int) {
		parts[i], _ = json.Marshal(matches[order[i]]) // strings and finite numbers always encode
	})
	return digest(parts...)
}
