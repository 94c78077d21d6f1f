package demo

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// draw is a number in [0, 1) that depends on nothing but the seed, what it is for and whom it concerns: the same seed
// gives the same people, in whatever order things happen.
func draw(seed int64, purpose, subject string) float64 {
	sum := sha256.Sum256([]byte(strconv.FormatInt(seed, 10) + "\x00" + purpose + "\x00" + subject))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}
