package edgelist

import (
	"encoding/binary"
	"strings"
)

// numbered finds ids that are one prefix and a number without leading zeros: 1, 2, ... or n1, n2, ... In canonical order
// they are in that of their numbers. A place is looked up by the number itself, in an array that stays in the cache where
// a hash table of the ids would not.
type numbered struct {
	prefix string
	width  uint   // of the prefix, in bytes
	word   uint64 // the prefix, its first byte lowest
	mask   uint64 // of its bytes
	first  uint64 // the smallest number
	places []int32
}

// sparsest is how many numbers there may be for each that is an id.
const sparsest = 8

// newNumbered returns nil unless all ids are numbered and have at most eight bytes.
func newNumbered(ids []string) *numbered {
	if len(ids) == 0 || len(ids[len(ids)-1]) > 8 {
		return nil
	}
	x := &numbered{prefix: strings.TrimRight(ids[0], "0123456789")}
	x.width, x.word = uint(len(x.prefix)), wordOf([]byte(x.prefix))
	x.mask = 1<<(8*x.width) - 1
	first, ok := x.number(wordOf([]byte(ids[0])), uint(len(ids[0])))
	last, alsoOK := x.number(wordOf([]byte(ids[len(ids)-1])), uint(len(ids[len(ids)-1])))
	if !ok || !alsoOK || last-first >= sparsest*uint64(len(ids)) {
		return nil
	}
	x.first, x.places = first, make([]int32, last-first+1)
	for place, id := range ids {
		n, ok := x.number(wordOf([]byte(id)), uint(len(id)))
		if !ok {
			return nil
		}
		x.places[n-first] = int32(place) + 1
	}
	return x
}

// find returns the place of an id of the given size whose first byte is the word's lowest, or -1.
func (x *numbered) find(word uint64, size uint) int32 {
	n, ok := x.number(word, size)
	if n -= x.first; !ok || n >= uint64(len(x.places)) {
		return -1
	}
	return x.places[n] - 1
}

// number reads the number of an id.
func (x *numbered) number(word uint64, size uint) (n uint64, ok bool) {
	if size <= x.width || word&x.mask != x.word {
		return 0, false
	}
	digits := size - x.width
	word >>= 8 * x.width
	if word&0xff == '0' && digits > 1 {
		return 0, false
	}
	return decimal(word, digits)
}

// wordOf packs at most eight bytes, the first one lowest.
func wordOf(text []byte) uint64 {
	var packed [8]byte
	copy(packed[:], text)
	return binary.LittleEndian.Uint64(packed[:])
}

// decimal reads one to eight digits, the first one the word's lowest byte, all at once: neighbours are joined to pairs,
// pairs to fours, fours to eight.
func decimal(word uint64, digits uint) (n uint64, ok bool) {
	const zeros, highs, sixes = 0x3030303030303030, 0xf0f0f0f0f0f0f0f0, 0x0606060606060606
	word = word<<(64-8*digits) | zeros>>(8*digits)
	ok = word&highs == zeros && (word+sixes)&highs == zeros
	word = (word & 0x0f0f0f0f0f0f0f0f) * (10<<8 + 1) >> 8
	word = (word & 0x00ff00ff00ff00ff) * (100<<16 + 1) >> 16
	word = (word & 0x0000ffff0000ffff) * (10_000<<32 + 1) >> 32
	return word, ok
}
