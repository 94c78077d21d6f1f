package matching

// keepProven makes a basis of an allocation that is proven by these levels, not by those of the tree. Nobody pivots in it,
// so it stays a list of branches.
func (s *simplex[Q, V]) keepProven(given []allotment[Q], level []int64) {
	f, cyclic := s.frame(given)
	s.proven = s.span(f, cyclic).branches
	s.potential = append(s.potential[:0], level...)
}
