package matching

import (
	"context"
	"math"
)

// SolveByAuction is Solve with the warm-up for large components used on small ones too.
func SolveByAuction(ctx context.Context, p *Problem, o Options) *Solution {
	return solveLinear(ctx, p, o, tuning{smallestAuction: 0})
}

// SolveByPivots is Solve without a warm-up.
func SolveByPivots(ctx context.Context, p *Problem, o Options) *Solution {
	return solveLinear(ctx, p, o, tuning{smallestAuction: math.MaxInt})
}

// BestOffers returns which of the offers with these values and units are the best that hold the units that are wanted.
func BestOffers(values, units []int64, wanted int64) (chosen []int) {
	can := make(offers, len(values))
	for k := range can {
		can[k] = offer{value: values[k], units: units[k], resource: int32(k)}
	}
	for _, o := range can.best(wanted) {
		chosen = append(chosen, int(o.resource))
	}
	return chosen
}

// SolveFirmly is SolveByAuction in which every idle pivot makes the basis firm.
func SolveFirmly(ctx context.Context, p *Problem, o Options) *Solution {
	return solveLinear(ctx, p, o, tuning{smallestAuction: 0, alwaysFirm: true})
}

// SolveWide is SolveByAuction in 64 bits.
func SolveWide(ctx context.Context, p *Problem, o Options) *Solution {
	return solveLinear(ctx, p, o, tuning{smallestAuction: 0, alwaysWide: true})
}

// SolveByScaling is Solve by cost scaling alone.
func SolveByScaling(ctx context.Context, p *Problem, o Options) *Solution {
	return solveLinear(ctx, p, o, tuning{alwaysScale: true})
}

// SolveHandedOver is SolveByPivots in which cost scaling takes over after the first pivot.
func SolveHandedOver(ctx context.Context, p *Problem, o Options) *Solution {
	return solveLinear(ctx, p, o, tuning{smallestAuction: math.MaxInt, handOver: true})
}

// SolveByScalingWide is SolveByScaling in 64 bits.
func SolveByScalingWide(ctx context.Context, p *Problem, o Options) *Solution {
	return solveLinear(ctx, p, o, tuning{alwaysScale: true, alwaysWide: true})
}

// SolveTooSoon believes cost scaling after so many scales.
func SolveTooSoon(ctx context.Context, p *Problem, scales int) *Solution {
	return solveLinear(ctx, p, Options{}, tuning{alwaysScale: true, scales: scales})
}

// AssignTooSoon is SolveByAuction that believes the engine for assignment problems after so many rounds.
func AssignTooSoon(ctx context.Context, p *Problem, rounds int) *Solution {
	return solveLinear(ctx, p, Options{}, tuning{scales: rounds})
}
