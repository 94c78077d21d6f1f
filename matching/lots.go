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

// join is push for a need that may have a lot already, at a lower level: that becomes part of the new one.
func (a *lotArena[Q, V]) join(g *segment, l lot[Q, V]) {
	if heap := a.all(g); len(heap) <= usualLots {
		for k := range heap {
			if heap[k].need == l.need {
				l.units += heap[k].units
				sink(heap, k, l)
				return
			}
		}
	}
	a.push(g, l)
}

func (a *lotArena[Q, V]) pop(g *segment) {
	heap := a.all(g)
	g.size--
	sink(heap[:g.size], 0, heap[g.size])
}

// sink puts a lot in the place of one in the heap that is not above it.
func sink[Q quantity, V value](heap []lot[Q, V], k int, l lot[Q, V]) {
	if k >= len(heap) {
		return
	}
	for {
		c := 2*k + 1
		if c >= len(heap) {
			break
		}
		if c+1 < len(heap) && heap[c+1].level < heap[c].level {
			c++
		}
		if l.level <= heap[c].level {
			break
		}
		heap[k] = heap[c]
		k = c
	}
	heap[k] = l
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
