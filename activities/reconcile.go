package activities

import (
	"fmt"

	"github.com/city-resource-graph/crg/valuation"
)

// reconcile checks that a valuation adds up to the cent: the matches to the total, the items and the parties' accounts
// to the NSV, and the groups of every dimension to the total again. One that does not is never recorded.
func reconcile(s *valuation.Summary) error {
	var sum int64
	for _, result := range s.Results {
		sum += result.NSV
		if items, accounts := result.Counted.Sum(), result.Accounts.Sum(); items != result.NSV || accounts != result.NSV {
			return unbalanced("match "+result.Match.ID, result.NSV, items, accounts)
		}
	}
	total := s.Total
	if items, accounts := total.Counted.Sum(), total.Accounts.Sum(); sum != total.NSV || items != total.NSV || accounts != total.NSV {
		return unbalanced("total", total.NSV, sum, items, accounts)
	}
	for dimension, groups := range s.Groups {
		sum = 0
		for _, group := range groups {
			sum += group.NSV
		}
		if sum != total.NSV {
			return unbalanced("groups by "+string(dimension), total.NSV, sum)
		}
	}
	return nil
}

func unbalanced(what string, want int64, sums ...int64) error {
	return fmt.Errorf("%w: %s: %d minor units, but its parts add up to %v", errInvalid, what, want, sums)
}
