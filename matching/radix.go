package matching

import "math/bits"

// radix is a priority queue for shortest paths: a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan 1990). Distances that
// are taken out never fall, so entries lie in buckets by the highest bit in which they differ from the last one taken.
type radix[V value] struct {
	buckets [65][]reached[V]
	last    V
}

type reached[V value] struct {
	distance V
	node     int32
}

// empty takes everything out.
func (q *radix[V]) empty() {
	for b := range q.buckets {
		q.buckets[b] = q.buckets[b][:0]
	}
	q.last = 0
}

func (q *radix[V]) push(r reached[V]) {
	b := bits.Len64(uint64(r.distance ^ q.last))
	q.buckets[b] = append(q.buckets[b], r)
}

// pop takes out the nearest, a node of none if nothing is left. A node that was reached again by a shorter way comes out
// more than once.
func (q *radix[V]) pop() reached[V] {
	for {
		if n := len(q.buckets[0]); n > 0 {
			r := q.buckets[0][n-1]
			q.buckets[0] = q.buckets[0][:n-1]
			return r
		}
		b := 1
		for b < len(q.buckets) && len(q.buckets[b]) == 0 {
			b++
		}
		if b == len(q.buckets) {
			return reached[V]{node: none}
		}
		q.spread(b)
	}
}

// spread distributes a bucket over those before it; its nearest entry comes into the first.
func (q *radix[V]) spread(bucket int) {
	moved := q.buckets[bucket]
	q.last = moved[0].distance
	for _, r := range moved {
		q.last = min(q.last, r.distance)
	}
	for _, r := range moved {
		q.push(r)
	}
	q.buckets[bucket] = moved[:0]
}

// nearest takes out nodes in the order of their distance, each once.
type nearest struct {
	distance []int64 // by node; tooFar if it was not reached
	done     []bool  // by node: taken out
	queue    radix[int64]
}

const tooFar = int64(1) << 62

func (q *nearest) reset(nodes int) {
	q.distance, q.done = grab(&q.distance, nodes), grab(&q.done, nodes)
	for k := range q.distance {
		q.distance[k] = tooFar
	}
	q.queue.empty()
}

// reach notes a way to a node and reports whether it is shorter than those before.
func (q *nearest) reach(node int32, distance int64) bool {
	if distance >= q.distance[node] {
		return false
	}
	q.distance[node] = distance
	q.queue.push(reached[int64]{distance, node})
	return true
}

// next takes out the nearest node, none if no more can be reached.
func (q *nearest) next() int32 {
	for {
		node := q.queue.pop().node
		if node == none || !q.done[node] {
			if node != none {
				q.done[node] = true
			}
			return node
		}
	}
}

// waiting is a first-in, first-out list of nodes, each in it once.
type waiting struct {
	ring []int32
	in   []bool
	head int
	size int
}

func (w *waiting) reset(nodes int) {
	w.ring, w.in = grab(&w.ring, nodes), grab(&w.in, nodes)
	w.head, w.size = 0, 0
}

func (w *waiting) push(node int32) {
	if w.in[node] {
		return
	}
	w.in[node] = true
	at := w.head + w.size
	if at >= len(w.ring) {
		at -= len(w.ring)
	}
	w.ring[at] = node
	w.size++
}

func (w *waiting) pop() int32 {
	node := w.ring[w.head]
	if w.head++; w.head == len(w.ring) {
		w.head = 0
	}
	w.size--
	w.in[node] = false
	return node
}
