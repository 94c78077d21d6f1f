package explain

import "fmt"

// ServedLater is the reason of a need that comes after more urgent ones in a strict order, which left it too little.
const ServedLater Reason = "later"

// inOrder tells of a strict order of urgency what prices cannot: they are those of the problem without it.
func (e *Explainer) inOrder(need int32, sentence string) string {
	if e.Tier == nil {
		return sentence
	}
	return fmt.Sprintf("%s Needs are served strictly in the order of their urgency, this one as urgency %d; prices and losses are those without that order.",
		sentence, e.Tier[need])
}

// aside adds to a sentence what its amounts do not say by themselves.
func (e *Explainer) aside(need int32, sentence string) string {
	return e.inOrder(need, e.byWeight(need, sentence))
}

// before finds the largest use of a resource by a need that is served earlier.
func (e *Explainer) before(need, resource int32) (use, bool) {
	if e.Tier == nil {
		return use{}, false
	}
	for _, u := range largestFirst(e.ofResource[resource], len(e.ofResource[resource])) {
		if e.Tier[u.need] < e.Tier[need] {
			return u, true
		}
	}
	return use{}, false
}
