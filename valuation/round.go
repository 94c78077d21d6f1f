package valuation

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrTooLarge says that an amount cannot be held exactly.
var ErrTooLarge = errors.New("amount too large to be exact")

// largest is the greatest amount in minor units that a float64 holds to the unit.
const largest = 1 << 53

// roundHalfAway rounds to the nearest minor unit, ties away from zero. An amount within a millionth of a tie counts as
// one, so that the binary form of decimal figures does not decide.
func roundHalfAway(x float64) int64 {
	return int64(math.Copysign(math.Floor(math.Abs(x)+0.5+1e-6), x))
}

// toMinor is roundHalfAway for an amount that may be too large.
func toMinor(x float64) (int64, error) {
	if math.IsNaN(x) || math.Abs(x) >= largest {
		return 0, fmt.Errorf("%w: %g minor units", ErrTooLarge, x)
	}
	return roundHalfAway(x), nil
}

// apportion rounds each part to whole minor units so that they add up to total, their rounded sum: every part is first
// rounded down, then the missing units go one each to the parts with the largest remainder (ties: the earlier part).
// This is Hamilton's method of apportionment.
func apportion(parts []float64, total int64) []int64 {
	whole := make([]int64, len(parts))
	order := make([]int, len(parts))
	missing := total
	for i, part := range parts {
		whole[i] = int64(math.Floor(part))
		missing -= whole[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		ra, rb := parts[a]-math.Floor(parts[a]), parts[b]-math.Floor(parts[b])
		switch {
		case ra > rb:
			return -1
		case ra < rb:
			return 1
		}
		return 0
	})
	for k := 0; missing > 0; k, missing = k+1, missing-1 {
		whole[order[k%len(order)]]++
	}
	return whole
}
