package matching

import (
	"math"
	"math/bits"
)

// sum128 adds products of non-negative numbers without overflow.
type sum128 struct{ hi, lo uint64 }

func (s *sum128) addProduct(a, b int64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	s.add(sum128{hi, lo})
}

func (s *sum128) add(t sum128) {
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, t.lo, 0)
	s.hi, _ = bits.Add64(s.hi, t.hi, carry)
}

func (s *sum128) exceeds(limit uint64) bool { return s.hi != 0 || s.lo > limit }

func (s *sum128) less(t sum128) bool { return s.hi < t.hi || s.hi == t.hi && s.lo < t.lo }

func (s *sum128) int64() int64 {
	if s.exceeds(math.MaxInt64) {
		return math.MaxInt64
	}
	return int64(s.lo)
}
