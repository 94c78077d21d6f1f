package charges

import "context"

// Effort per component: edges that its search may look at, so many for each of its edges and so many in any case.
const (
	effortPerEdge      = 60
	effortPerComponent = 40_000_000
)

// budget counts work in edges looked at, so that the search ends at the same step on every machine. A deadline may end
// it earlier.
type budget struct {
	ctx   context.Context
	total int64
	left  int64
	polls int
}

func newBudget(ctx context.Context, total int64) *budget {
	return &budget{ctx: ctx, total: total, left: total}
}

func (b *budget) spend(edges int) { b.left -= int64(edges) + 1 }

// spent is true when the budget or the time is over.
func (b *budget) spent() bool {
	if b.polls++; b.polls%64 == 0 && b.ctx.Err() != nil {
		b.left = 0
	}
	return b.left <= 0
}

// remaining falls from 1 to 0.
func (b *budget) remaining() float64 { return float64(max(b.left, 0)) / float64(b.total) }
