package certificate

import (
	"math"
	"math/bits"
)

// signed is a 128-bit integer in two's complement, wide enough for 2^31 products of 47-bit numbers and far more.
type signed struct {
	hi int64
	lo uint64
}

// addProduct adds a*b. Nothing is lost: |a*b| < 2^126 and a claim has fewer than 2^32 terms of less than 2^94.
func (s *signed) addProduct(a, b int64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	// Mul64 read negative factors as 2^64 too large.
	if a < 0 {
		hi -= uint64(b)
	}
	if b < 0 {
		hi -= uint64(a)
	}
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, lo, 0)
	sum, _ := bits.Add64(uint64(s.hi), hi, carry)
	s.hi = int64(sum)
}

func (s *signed) equals(v int64) bool { return s.lo == uint64(v) && s.hi == v>>63 }

// clamp returns the nearest 64-bit number.
func (s *signed) clamp() int64 {
	switch {
	case s.hi == 0 && s.lo <= math.MaxInt64, s.hi == -1 && s.lo > math.MaxInt64:
		return int64(s.lo)
	case s.hi < 0:
		return math.MinInt64
	default:
		return math.MaxInt64
	}
}
