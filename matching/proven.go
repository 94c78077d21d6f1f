package matching

// keepProven makes a basis of an allocation that is proven by these levels, not by those of the tree. Nobody pivots in it,
// so it stays a list of branches.
func (s *simplex[Q, V]) keepProven(given []allotment[Q], level []int64) {
	f, cyclic := s.frame(given)
	sk := s.span(f)
	for _, g := range cyclic {
		sk.absorb(g)
	}
	s.proven = sk.branches
	s.potential = append(s.potential[:0], level...)
}
