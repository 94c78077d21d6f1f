package explain

import (
	"context"
	"fmt"
	"strings"

	"github.com/city-resource-graph/crg/matching/candidates"
)

// explainNoCandidate says why there was nothing that a need could have got.
func (e *Explainer) explainNoCandidate(ctx context.Context, n *Need, need int32) error {
	n.Reason = NoCandidate
	if e.Index == nil {
		n.Sentence = e.byWeight(need, e.noEdgeSentence(n, need))
		return nil
	}
	if !e.Index.Located(need) {
		n.Reason, n.Sentence = NotLocated, fmt.Sprintf("%s has no known place, so that nothing can be brought to it.", n.Need)
		return nil
	}
	funnels, err := e.Index.Funnels(ctx, []int32{need})
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	f := &funnels[0]
	for _, filter := range candidates.Filters() {
		if count := f.Rejected[filter]; count > 0 {
			n.Funnel = append(n.Funnel, Rejected{filter, count})
		}
	}
	last, removed := f.LastFilter()
	if !removed {
		n.Sentence = e.byWeight(need, e.noEdgeSentence(n, need))
		return nil
	}
	n.Sentence = funnelSentence(n, last)
	promised := e.promisedSentence(need)
	if last == candidates.FilterForbidden || last == candidates.FilterQuantity && promised != "" {
		n.Reason = Pinned
	}
	n.Sentence += promised
	return nil
}

// noEdgeSentence tells what is wrong with the edges of a need where nothing but edges is known.
func (e *Explainer) noEdgeSentence(n *Need, need int32) string {
	edges, paying := 0, 0
	for k := e.Problem.RowStart[need]; k < e.Problem.RowStart[need+1]; k++ {
		edges++
		if e.Problem.Edges[k].Value > 0 {
			paying++
		}
	}
	switch {
	case edges == 0:
		return fmt.Sprintf("%s has no candidate: the input has no edge for it.", n.Need)
	case paying == 0:
		return fmt.Sprintf("%s has no candidate: a unit on its %s would be worth nothing.", n.Need, plural(edges, "edge"))
	case !e.anyLeft(need):
		return fmt.Sprintf("%s has no candidate: what it could have has nothing to give.", n.Need)
	}
	return fmt.Sprintf("%s has no candidate: no trip on its %s could pay.", n.Need, plural(edges, "edge"))
}

// anyLeft says whether a resource on an edge worth anything has a quantity.
func (e *Explainer) anyLeft(need int32) bool {
	for _, edge := range e.Problem.Row(int(need)) {
		if edge.Value > 0 && e.Problem.ResourceQuantity[edge.Resource] > 0 {
			return true
		}
	}
	return false
}

func funnelSentence(n *Need, last candidates.Filter) string {
	total := int64(0)
	var steps []string
	for _, r := range n.Funnel {
		total += r.Resources
		steps = append(steps, fmt.Sprintf("%d %s", r.Resources, r.Filter.Of(r.Resources)))
	}
	if total == 0 {
		return fmt.Sprintf("%s has no candidate: nothing is offered at all.", n.Need)
	}
	return fmt.Sprintf("%s has no candidate. Of %s, %s; the last to fall away %s.", n.Need, plural(int(total), "resource"),
		strings.Join(steps, ", "), last.Sentence())
}

// promisedSentence names who has, by approved matches, what a need could have had; empty where nobody does.
func (e *Explainer) promisedSentence(need int32) string {
	var parts []string
	for _, f := range e.Index.Approved() {
		filter, _, passes := e.Index.Pair(need, f.Resource)
		if passes || filter != candidates.FilterQuantity {
			continue
		}
		if parts = append(parts, fmt.Sprintf("%d of %s to %s", f.Quantity, e.Resource(f.Resource), e.Need(f.Need))); len(parts) == 3 {
			break
		}
	}
	if parts == nil {
		return ""
	}
	return fmt.Sprintf(" Approved matches give %s.", strings.Join(parts, ", "))
}
