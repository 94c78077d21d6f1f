package edgelist

import (
	"encoding/binary"
	"math/bits"

	"github.com/city-resource-graph/crg/matching"
)

// firstComma returns the place of the first comma in eight bytes, 8 if there is none (the classic search for a zero
// byte, Hacker's Delight 6-1, after the commas were made zero).
func firstComma(word uint64) int {
	const ones, highs, commas = 0x0101010101010101, 0x8080808080808080, 0x2c2c2c2c2c2c2c2c
	x := word ^ commas
	return bits.TrailingZeros64((x-ones)&^x&highs) >> 3
}

// readFast reads rows of the common form: three fields, ids of at most seven bytes, a plain number of at most twelve
// digits. It stops at the first line that is anything else and returns where that line starts.
func (er *edgeReader) readFast(b *block, data []byte, at int) int {
	need, needKey, needSize := int32(-1), uint64(0), 0
	if len(b.runs) > 0 {
		need = b.runs[len(b.runs)-1].need
	}
	edges, count := er.edges[b.at:b.at+b.lines], b.count
	defer func() { b.count = count }()
	for at+32 <= len(data) {
		word := binary.LittleEndian.Uint64(data[at:])
		size := firstComma(word)
		if size == 0 || size == 8 {
			return at
		}
		key := bits.ReverseBytes64(word) >> (64 - 8*uint(size))
		if key != needKey || size != needSize {
			found := er.needs.index.findShort(key, uint8(size))
			if found < 0 {
				return at
			}
			if found != need {
				need = found
				b.runs = append(b.runs, run{need: need, start: int32(count)})
			}
			needKey, needSize = key, size
		}
		end := at + size + 1
		word = binary.LittleEndian.Uint64(data[end:])
		size = firstComma(word)
		if size == 0 || size == 8 {
			return at
		}
		resource := er.resources.index.findShort(bits.ReverseBytes64(word)>>(64-8*uint(size)), uint8(size))
		if resource < 0 {
			return at
		}
		end += size + 1
		value, digits := int64(0), 0
		for d := data[end] - '0'; d <= 9 && digits <= 12; d = data[end] - '0' {
			value = 10*value + int64(d)
			end++
			digits++
		}
		if data[end] != '\n' || digits == 0 || digits > 12 {
			return at
		}
		edges[count] = matching.Edge{Resource: resource, Value: value}
		count++
		at = end + 1
	}
	return at
}
