package explain

import (
	"fmt"

	"github.com/city-resource-graph/crg/matching/fairness"
)

// million is a weight of 1.
const million = 1_000_000

// weightOf is a need's weight in millionths, 0 where values are not weighed.
func (e *Explainer) weightOf(need int32) int64 {
	if e.Weights == nil {
		return 0
	}
	return e.Weights[need]
}

// plain is what a unit is worth without the need's weight; nil where values are not weighed.
func (e *Explainer) plain(edge int32) *int64 {
	if e.Weights == nil {
		return nil
	}
	return &e.Plain.Edges[edge].Value
}

// byWeight says of a sentence that its amounts are weighed.
func (e *Explainer) byWeight(need int32, sentence string) string {
	if e.Weights == nil {
		return sentence
	}
	return fmt.Sprintf("%s Amounts count by weight, which is %s for this need.", sentence, fairness.WeightText(e.Weights[need]))
}

// ofWeight says whose weight is not 1.
func ofWeight(weight int64) string {
	if weight == 0 || weight == million {
		return ""
	}
	return ", whose weight is " + fairness.WeightText(weight)
}
