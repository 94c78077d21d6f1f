package findings

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/report"
)

// Unserved counts the needs that got nothing, by the reason: the filter that took away the last resource, or that
// everything in reach was worth more to somebody else.
func (s *Solved) Unserved(ctx context.Context) ([]report.ReasonCount, error) {
	served := make([]bool, len(s.Graph.NeedQuantity))
	for _, f := range s.Solution.Flow {
		served[f.Need] = true
	}
	var without []int32 // needs without any candidate
	outbid := int64(0)
	for i, wanted := range s.Graph.NeedQuantity {
		switch {
		case served[i] || wanted == 0:
		case s.Graph.RowStart[i] == s.Graph.RowStart[i+1]:
			without = append(without, int32(i)) //nolint:gosec // the problem has fewer than 2^31 needs
		default:
			outbid++
		}
	}
	reasons, err := s.filterReasons(ctx, without)
	if err != nil {
		return nil, err
	}
	if outbid > 0 {
		reasons = append(reasons, report.ReasonCount{Reason: "outbid", Count: outbid, Note: s.outbidBy()})
	}
	slices.SortFunc(reasons, func(a, b report.ReasonCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	return reasons, nil
}

func (s *Solved) filterReasons(ctx context.Context, needs []int32) ([]report.ReasonCount, error) {
	if len(needs) == 0 {
		return nil, nil
	}
	index, err := candidates.NewIndex(s.Snapshot)
	if err != nil {
		return nil, fmt.Errorf("why needs went unserved: %w", err)
	}
	funnels, err := index.Funnels(ctx, needs)
	if err != nil {
		return nil, fmt.Errorf("why needs went unserved: %w", err)
	}
	counts := map[candidates.Filter]int64{}
	for i := range funnels {
		if last, removed := funnels[i].LastFilter(); removed {
			counts[last]++
		}
	}
	var reasons []report.ReasonCount
	for filter, count := range counts {
		note := "the last resource that was left " + filter.Sentence()
		if filter == candidates.FilterLeaf {
			note = "no resource in category"
		}
		reasons = append(reasons, report.ReasonCount{Reason: filter.String(), Count: count, Note: note})
	}
	return reasons, nil
}

// outbidBy says why others got what a need could have had.
func (s *Solved) outbidBy() string {
	switch {
	case s.Snapshot.Tiers:
		return "every resource in reach went to a need that is more urgent, or as urgent and worth more"
	case len(s.Snapshot.Floors) > 0:
		return "every resource in reach was worth more to another need, the bonuses of floors included"
	}
	return "every resource in reach was worth more to another need"
}
