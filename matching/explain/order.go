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
	return e.inOrder(need, e.byWeight(need, e.short(sentence)))
}

// short tells of an allocation that is not the one that its prices belong to, as of a search that was stopped: what forcing loses
// is known of the optimum alone. Trip charges and lots leave a gap that is told where it lies.
func (e *Explainer) short(sentence string) string {
	if !e.unfinished() {
		return sentence
	}
	return fmt.Sprintf("%s This allocation may be %s short of the optimum: prices are those of its bound, and what forcing a unit loses exactly "+
		"is told of the optimum.", sentence, e.Money(e.Solution.Gap()))
}

func (e *Explainer) unfinished() bool {
	return e.Solution.Gap() > 0 && e.Problem.Charges == nil && e.Lots == nil && e.Tier == nil
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
