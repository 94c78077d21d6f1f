package valuation

// nearestName is the parameter name with the fewest edits, if that is a plausible misspelling.
func nearestName(name string) string {
	best, fewest := "", len(name)/3+2
	for _, known := range InputFields() {
		if edits := editDistance(name, known); edits < fewest {
			best, fewest = known, edits
		}
	}
	return best
}

// editDistance is Levenshtein's.
func editDistance(a, b string) int {
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current := make([]int, len(b)+1)
		current[0] = i + 1
		for j := range len(b) {
			substitution := previous[j]
			if a[i] != b[j] {
				substitution++
			}
			current[j+1] = min(substitution, previous[j+1]+1, current[j]+1)
		}
		previous = current
	}
	return previous[len(b)]
}
