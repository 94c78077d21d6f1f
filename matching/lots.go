package matching

import "slices"

// lot is a number of units that a need holds at the level of its bid.
type lot[Q quantity, V value] struct {
	level V
	need  int32
	units Q
}

// segment is a resource's piece of the arena: a binary heap of lots by level.
type segment struct {
	at, size, room int32
}

// lotArena holds the heaps of all resources. A heap that outgrows its piece moves to a larger one at the end; most
// hold a handful of lots, in one or two cache lines.
type lotArena[Q quantity, V value] struct {
	lots []lot[Q, V]
}

func (a *lotArena[Q, V]) all(g *segment) []lot[Q, V] { return a.lots[g.at : g.at+g.size] }

func (a *lotArena[Q, V]) top(g *segment) *lot[Q, V] { return &a.lots[g.at] }

func (a *lotArena[Q, V]) push(g *segment, l lot[Q, V]) {
	if g.size == g.room {
		a.grow(g)
	}
	g.size++
	heap := a.all(g)
	k := g.size - 1
	for k > 0 {
		up := (k - 1) / 2
		if heap[up].level <= l.level {
			break
		}
		heap[k] = heap[up]
		k = up
	}
	heap[k] = l
}

func (a *lotArena[Q, V]) pop(g *segment) {
	g.size--
	heap := a.lots[g.at : g.at+g.size+1]
	n := int(g.size)
	last := heap[n]
	k := 0
	for {
		c := 2*k + 1
		if c >= n {
			break
		}
		if c+1 < n && heap[c+1].level < heap[c].level {
			c++
		}
		if last.level <= heap[c].level {
			break
		}
		heap[k] = heap[c]
		k = c
	}
	heap[k] = last
}

// usualLots is how many lots a resource gets room for at first; most need no more.
const usualLots = 6

// clear empties the arena and makes sure that it can hold some lots.
func (a *lotArena[Q, V]) clear(lots int32) {
	if cap(a.lots) < int(lots) {
		a.lots = make([]lot[Q, V], 0, lots)
	}
	a.lots = a.lots[:0]
}

// reserve gives a resource its first piece.
func (a *lotArena[Q, V]) reserve(g *segment, room int32) {
	g.at, g.room = int32(len(a.lots)), room
	a.extend(room)
}

func (a *lotArena[Q, V]) grow(g *segment) {
	room := 2*g.room + 1
	at := int32(len(a.lots))
	a.extend(room)
	copy(a.lots[at:], a.all(g))
	g.at, g.room = at, room
}

func (a *lotArena[Q, V]) extend(room int32) {
	if n := len(a.lots) + int(room); n > cap(a.lots) {
		a.lots = slices.Grow(a.lots, max(int(room), len(a.lots)/4))
	}
	a.lots = a.lots[:len(a.lots)+int(room)]
}
