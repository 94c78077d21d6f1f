package edgelist

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"strings"
)

// index finds an id's place in canonical order. Unless ids are numbered it is an open-addressing table whose key is the id
// itself where it has at most eight bytes, else a hash; long ids are compared once more.
type index struct {
	ids      []string
	numbered *numbered // or nil
	slots    []slot
	shift    uint
	seed     maphash.Seed
	plain    bool // no id holds a newline, so an id cannot reach over the end of a line
}

type slot struct {
	key   uint64
	place int32 // + 1, so that 0 is empty
	size  uint8 // of the id, longID if it has more than eight bytes
}

const longID = 9

func newIndex(ids []string) *index {
	if x := newNumbered(ids); x != nil {
		return &index{ids: ids, numbered: x, plain: strings.IndexByte(x.prefix, '\n') < 0}
	}
	width := max(bits.Len(uint(len(ids)))+1, 4)
	x := &index{ids: ids, slots: make([]slot, 1<<width), shift: uint(64 - width), seed: maphash.MakeSeed(), plain: true}
	for place, id := range ids {
		key, size := x.key([]byte(id))
		at := x.first(key)
		for x.slots[at].place != 0 {
			at = (at + 1) & (len(x.slots) - 1)
		}
		x.slots[at] = slot{key: key, place: int32(place) + 1, size: size}
		x.plain = x.plain && strings.IndexByte(id, '\n') < 0
	}
	return x
}

// key packs a short id, its first byte highest, or hashes a long one.
func (x *index) key(id []byte) (key uint64, size uint8) {
	if len(id) >= longID {
		return maphash.Bytes(x.seed, id), longID
	}
	var packed [8]byte
	copy(packed[8-len(id):], id)
	return binary.BigEndian.Uint64(packed[:]), uint8(len(id))
}

func (x *index) first(key uint64) int {
	return int(key * 0x9e3779b97f4a7c15 >> x.shift)
}

// find returns the place of an id, or -1.
func (x *index) find(id []byte) int32 {
	if x.numbered != nil {
		if len(id) > 8 {
			return -1
		}
		return x.numbered.find(wordOf(id), uint(len(id)))
	}
	key, size := x.key(id)
	if size < longID {
		return x.findKey(key, size)
	}
	for at := x.first(key); x.slots[at].place != 0; at = (at + 1) & (len(x.slots) - 1) {
		s := &x.slots[at]
		if s.key == key && s.size == longID && x.ids[s.place-1] == string(id) {
			return s.place - 1
		}
	}
	return -1
}

// short reports whether all ids have at most seven bytes, none of them a newline, so that an id cannot reach over the end
// of a line: see readFast.
func (x *index) short() bool {
	return x.plain && (len(x.ids) == 0 || len(x.ids[len(x.ids)-1]) < 8)
}

// lookup is one of several ids that are looked up together.
type lookup struct {
	id    []byte
	place int32 // what find would return
	size  uint8
	key   uint64
	found string // the id in that place
}

// findAll looks up many ids. Each step is done for all of them before the next, so that what the processor has to fetch
// for one does not wait for another's.
func (x *index) findAll(list []lookup) {
	if x.numbered != nil {
		for k := range list {
			list[k].place = x.find(list[k].id)
		}
		return
	}
	for k := range list {
		l := &list[k]
		l.key, l.size = x.key(l.id)
	}
	for k := range list {
		l := &list[k]
		l.place = x.findKey(l.key, l.size)
	}
	for k := range list {
		if l := &list[k]; l.size == longID && l.place >= 0 {
			l.found = x.ids[l.place]
		}
	}
	for k := range list {
		if l := &list[k]; l.size == longID && l.place >= 0 && l.found != string(l.id) {
			l.place = x.find(l.id) // another id with the same hash
		}
	}
}

// findWord returns the place of an id of at most seven bytes, the first one the word's lowest, whatever is above it.
func (x *index) findWord(word uint64, size uint) int32 {
	if x.numbered != nil {
		return x.numbered.find(word, size)
	}
	return x.findKey(bits.ReverseBytes64(word)>>(64-8*size), uint8(size))
}

// findKey returns the first place that has a key, or -1.
func (x *index) findKey(key uint64, size uint8) int32 {
	for at := x.first(key); x.slots[at].place != 0; at = (at + 1) & (len(x.slots) - 1) {
		if s := &x.slots[at]; s.key == key && s.size == size {
			return s.place - 1
		}
	}
	return -1
}
