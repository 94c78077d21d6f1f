package matching

// Options tune how Solve works; none of them changes an optimal result.
type Options struct {
	// Workers is the number of goroutines, 0 for GOMAXPROCS. The result is the same for every number.
	Workers int

	// MaxPivots stops each component after that many pivots, as Counters count them (0: no limit), and reports the gap
	// that is left. Bids and cost scaling are not limited. It is counted, not timed, so the result is reproducible; a
	// deadline belongs into the context.
	MaxPivots int64

	// Warm is the basis of an earlier solution of a similar problem with the same needs and resources.
	// Whatever in it no longer fits is dropped, so it costs time at worst and never changes the optimal value.
	Warm *Basis

	// Progress, if not nil, is told what was finished. It is called by one goroutine at a time, and Solve waits for it.
	Progress func(Progress)
}

// Stage is a part of the work of Solve.
type Stage string

// The stages of Solve in their order.
const (
	StageComponents Stage = "components" // checked and split into independent components
	StageSolve      Stage = "solve"      // one more component solved
	StageDone       Stage = "done"       // flows and prices of all components collected
)

// Progress says how far Solve is.
type Progress struct {
	Stage      Stage
	Components int // in total
	Solved     int // so far
}

// EdgeFlow is the quantity that an allocation gives to one edge.
type EdgeFlow struct {
	Edge     int32 // index into Problem.Edges
	Need     int32
	Quantity int64 // > 0
}

// Solution is an allocation together with the prices that prove its quality: every edge is worth at most the sum of
// its two prices, so no allocation is worth more than the sum of quantity x price, the Bound.
type Solution struct {
	Flow          []EdgeFlow // ascending by Edge
	NeedPrice     []int64    // >= 0; one more unit wanted by this need is worth this at most
	ResourcePrice []int64    // >= 0; one more unit of this resource is worth this at most

	Value   int64 // what the allocation is worth, net of charges
	Bound   int64 // what no allocation can exceed
	Optimal bool  // Value == Bound
	Stopped bool  // a deadline, a cancellation or MaxPivots ended the search early

	Components int
	Basis      *Basis // start of a later Solve; nil if nothing was solved
	Counters   Counters
}

// Gap is the amount by which the allocation may fall short of the optimum.
func (s *Solution) Gap() int64 { return s.Bound - s.Value }

// Counters describe the work done; they are deterministic unless a deadline stopped the search.
type Counters struct {
	Pivots      int64 // basis changes, and paths by which a warm start or an assignment was put right
	Degenerate  int64 // basis changes that moved no flow
	EdgesPriced int64 // edges looked at by pivots, shortest paths and cost scaling
	NodesMoved  int64 // nodes whose price a pivot shifted or a search reached
	Bids        int64 // auction bids, each of which looks at the part of a row that is near
}

func (c *Counters) add(d Counters) {
	c.Pivots += d.Pivots
	c.Degenerate += d.Degenerate
	c.EdgesPriced += d.EdgesPriced
	c.NodesMoved += d.NodesMoved
	c.Bids += d.Bids
}
