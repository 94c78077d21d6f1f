package matching

// workspace keeps the memory of a solved component for the next one that the same worker solves. Components come in
// order of falling size, so the first one's memory is enough for all, and fresh memory costs more than what is done in
// it.
type workspace struct {
	ordering ordering
	narrow   simplex[int32, int32]
	wide     simplex[int64, int64]
}

// grab returns a cleared slice of n elements in the place of an earlier one if that was large enough.
func grab[S ~[]T, T any](s *S, n int) S {
	if cap(*s) < n {
		*s = make(S, n)
		return *s
	}
	*s = (*s)[:n]
	clear(*s)
	return *s
}

// spare holds what only the making of a basis needs.
type spare[Q quantity, V value] struct {
	branches []branch[Q]
	children []int32
	start    []int32
	order    []int32
	size     []int32

	rest   []Q
	sets   unionFind
	edges  []treeEdge[Q]
	sorted []treeEdge[Q]
	ends   []int32
	value  []int64
	seen   []int32

	sold   []allotment[Q]
	before []allotment[Q] // what was sold in the last round of an auction that came to its end
	byNeed []allotment[Q]
	next   []int32
	slot   []int32

	auction auction[Q, V]
	mend    mend[Q, V]
}
