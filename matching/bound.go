package matching

import "math"

// improveBound is for a component that was not solved to the end. Any resource prices >= 0 prove a bound, with each
// need priced at the best that they leave it; this tries the few that are at hand and keeps the best: those of the
// tree, those of the auction if it was stopped, none at all, and every resource at the most that anybody would give.
func (t *task) improveBound() {
	most := t.mostFor()
	tree := make([]int64, len(t.resources))
	for k, r := range t.resources {
		tree[k] = min(t.resourcePrice[r], most[k])
	}
	candidates := [][]int64{tree, make([]int64, len(t.resources)), most}
	if t.suggested != nil {
		candidates = append(candidates, t.suggested)
	}
	best, lowest := 0, t.boundOf(tree)
	for k, price := range candidates[1:] {
		if bound := t.boundOf(price); bound.less(lowest) {
			best, lowest = k+1, bound
		}
	}
	for k, r := range t.resources {
		t.resourcePrice[r] = candidates[best][k]
	}
	for _, i := range t.needs {
		t.needPrice[i] = t.surplus(i, candidates[best])
	}
	t.bound = lowest.int64()
}

// mostFor returns, by number in the component, the value of each resource's best edge.
func (t *task) mostFor() []int64 {
	most := make([]int64, len(t.resources))
	for _, i := range t.needs {
		for _, e := range t.problem.Row(int(i)) {
			if t.problem.ResourceQuantity[e.Resource] > 0 && e.Value > 0 {
				k := t.local[e.Resource]
				most[k] = max(most[k], e.Value)
			}
		}
	}
	return most
}

// surplus is what is left of a need's best edge at these prices.
func (t *task) surplus(need int32, price []int64) int64 {
	best := int64(0)
	for _, e := range t.problem.Row(int(need)) {
		if t.problem.ResourceQuantity[e.Resource] > 0 && e.Value > best {
			best = max(best, e.Value-price[t.local[e.Resource]])
		}
	}
	return best
}

func (t *task) boundOf(price []int64) sum128 {
	var bound sum128
	for _, i := range t.needs {
		bound.addProduct(t.problem.NeedQuantity[i], t.surplus(i, price))
	}
	for k, r := range t.resources {
		bound.addProduct(t.problem.ResourceQuantity[r], price[k])
	}
	return bound
}

func (s *sum128) int64() int64 {
	if s.exceeds(math.MaxInt64) {
		return math.MaxInt64
	}
	return int64(s.lo)
}
