package edgelist

import (
	"encoding/binary"
	"math/bits"

	"github.com/city-resource-graph/crg/matching"
)

// Eight times the same byte.
const (
	ones     = 0x0101010101010101
	highBits = 0x8080808080808080
	commas   = ones * ','
	newlines = ones * '\n'
)

// first returns the place of the first of eight bytes that is that of the pattern, 8 if there is none (the classic
// search for a zero byte, Hacker's Delight 6-1, after what is looked for was made zero).
func first(word, pattern uint64) uint {
	x := word ^ pattern
	return uint(bits.TrailingZeros64((x-ones)&^x&highBits)) >> 3
}

// readFast reads rows of the common form: three fields, ids of at most seven bytes, a plain number of at most twelve
// digits. It stops at the first line that is anything else and returns where that line starts.
func (er *edgeReader) readFast(b *block, data []byte, at int) int {
	need, needKey, needSize := int32(-1), uint64(0), uint(0)
	if len(b.runs) > 0 {
		need = b.runs[len(b.runs)-1].need
	}
	edges, count := er.edges[b.at:b.at+b.lines], b.count
	defer func() { b.count = count }()
	for at+32 <= len(data) {
		word := binary.LittleEndian.Uint64(data[at:])
		size := first(word, commas)
		if size == 0 || size == 8 {
			return at
		}
		if key := word << (64 - 8*size); key != needKey || size != needSize {
			found := er.needs.index.findWord(word, size)
			if found < 0 {
				return at
			}
			if found != need {
				need = found
				b.runs = append(b.runs, run{need: need, start: int32(count)})
			}
			needKey, needSize = key, size
		}
		end := at + int(size) + 1
		word = binary.LittleEndian.Uint64(data[end:])
		size = first(word, commas)
		if size == 0 || size == 8 {
			return at
		}
		resource := er.resources.index.findWord(word, size)
		if resource < 0 {
			return at
		}
		value, next := valueAt(data, end+int(size)+1)
		if next < 0 {
			return at
		}
		edges[count] = matching.Edge{Resource: resource, Value: value}
		count++
		at = next
	}
	return at
}

// valueAt reads a plain number to the end of the line and returns where the next line starts, -1 if it is anything else.
// Behind at are 16 bytes at least.
func valueAt(data []byte, at int) (value int64, next int) {
	word := binary.LittleEndian.Uint64(data[at:])
	if size := first(word, newlines); size < 8 {
		next = at + int(size) + 1
		if size > 0 && word>>(8*(size-1))&0xff == '\r' {
			size--
		}
		if size == 0 {
			return 0, -1
		}
		n, ok := decimal(word, size)
		if !ok {
			return 0, -1
		}
		return int64(n), next
	}
	for end := at; end <= at+12; end++ {
		d := data[end] - '0'
		if d > 9 {
			if data[end] != '\n' {
				return 0, -1
			}
			return value, end + 1
		}
		value = 10*value + int64(d)
	}
	return 0, -1
}
