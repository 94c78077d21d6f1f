package activities

import (
	"cmp"
	"slices"

	"github.com/city-resource-graph/crg/ingest"
)

// Data sets of fewer rows than small are loaded together with others such, up to enough rows: a step of its own costs more
// than they do.
const (
	small  = 4000 // a batch
	enough = 8000

	mostSteps = 100 // of one import, so that its history stays short; further data sets join the step with the fewest rows
)

// datasetPlans says what is loaded in one step each, the largest first: the last to begin is then soon at its end.
func datasetPlans(plan *ingest.Plan) []DatasetPlan {
	var sets, steps []DatasetPlan
	for _, batch := range plan.Batches {
		if len(sets) == 0 || sets[len(sets)-1].Dataset != batch.Dataset {
			sets = append(sets, DatasetPlan{Dataset: batch.Dataset})
		}
		last := &sets[len(sets)-1]
		last.Batches++
		last.Rows += int64(batch.Rows)
	}
	slices.SortStableFunc(sets, func(a, b DatasetPlan) int { return byRows(b, a) })
	for _, set := range sets {
		if n := len(steps); n > 0 && set.Rows < small && steps[n-1].Rows < enough && (len(steps[n-1].And) > 0 || steps[n-1].Rows < small) {
			steps[n-1].join(set)
			continue
		}
		if len(steps) == mostSteps {
			least := &steps[0]
			for i := range steps {
				if steps[i].Rows < least.Rows {
					least = &steps[i]
				}
			}
			least.join(set)
			continue
		}
		steps = append(steps, set)
	}
	return steps
}

func byRows(a, b DatasetPlan) int { return cmp.Compare(a.Rows, b.Rows) }

func (p *DatasetPlan) join(set DatasetPlan) {
	p.And, p.Batches, p.Rows = append(p.And, set.Dataset), p.Batches+set.Batches, p.Rows+set.Rows
}
