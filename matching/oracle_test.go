package matching_test

import (
	"container/heap"

	"github.com/city-resource-graph/crg/matching"
)

// oracle finds the optimal value by successive shortest paths (Busacker and Gowen 1960, with the potentials of Edmonds
// and Karp 1972). It is written for clarity, shares nothing with the solver, and is slow.
func oracle(p *matching.Problem) int64 {
	o := newNetwork(p)
	total := int64(0)
	for {
		amount, profit := o.augment()
		if profit <= 0 {
			return total
		}
		total += amount * profit
	}
}

// network is source 0, sink 1, then needs, then resources; arcs 2k and 2k+1 are each other's reverse.
type network struct {
	out       [][]int
	to        []int
	room      []int64
	cost      []int64
	potential []int64
}

func newNetwork(p *matching.Problem) *network {
	needs := len(p.NeedQuantity)
	n := 2 + needs + len(p.ResourceQuantity)
	o := &network{out: make([][]int, n), potential: make([]int64, n)}
	largest := int64(0)
	for _, e := range p.Edges {
		largest = max(largest, e.Value)
	}
	// Costs are shifted to be non-negative: every path from source to sink then costs its value less than largest.
	for i, q := range p.NeedQuantity {
		o.arc(0, 2+i, q, 0)
		for _, e := range p.Row(i) {
			if e.Value > 0 {
				o.arc(2+i, 2+needs+int(e.Resource), 1<<50, largest-e.Value)
			}
		}
	}
	for r, q := range p.ResourceQuantity {
		o.arc(2+needs+r, 1, q, 0)
	}
	o.arc(0, 1, 1<<60, largest) // staying unmatched
	return o
}

func (o *network) arc(from, to int, room, cost int64) {
	o.out[from] = append(o.out[from], len(o.to))
	o.out[to] = append(o.out[to], len(o.to)+1)
	o.to = append(o.to, to, from)
	o.room = append(o.room, room, 0)
	o.cost = append(o.cost, cost, -cost)
}

// augment sends flow along a cheapest path and returns how much, and what a unit of it is worth.
func (o *network) augment() (amount, profit int64) {
	distance, via := o.shortest()
	for v := range o.potential {
		o.potential[v] += min(distance[v], distance[1])
	}
	amount = 1 << 60
	for v := 1; v != 0; v = o.to[via[v]^1] {
		amount = min(amount, o.room[via[v]])
		profit -= o.cost[via[v]]
	}
	profit += o.cost[len(o.cost)-2] // undo the shift: the direct arc costs largest
	for v := 1; v != 0; v = o.to[via[v]^1] {
		o.room[via[v]] -= amount
		o.room[via[v]^1] += amount
	}
	return amount, profit
}

func (o *network) shortest() (distance []int64, via []int) {
	distance, via = make([]int64, len(o.out)), make([]int, len(o.out))
	for v := range distance {
		distance[v] = 1 << 60
	}
	distance[0] = 0
	queue := &frontier{{0, 0}}
	for queue.Len() > 0 {
		at := heap.Pop(queue).(label)
		if at.distance > distance[at.node] {
			continue
		}
		for _, a := range o.out[at.node] {
			to := o.to[a]
			d := at.distance + o.cost[a] + o.potential[at.node] - o.potential[to]
			if o.room[a] > 0 && d < distance[to] {
				distance[to], via[to] = d, a
				heap.Push(queue, label{d, to})
			}
		}
	}
	return distance, via
}

type label struct {
	distance int64
	node     int
}

type frontier []label

func (f frontier) Len() int           { return len(f) }
func (f frontier) Less(i, j int) bool { return f[i].distance < f[j].distance }
func (f frontier) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *frontier) Push(x any)        { *f = append(*f, x.(label)) }
func (f *frontier) Pop() any {
	old := *f
	last := old[len(old)-1]
	*f = old[:len(old)-1]
	return last
}
