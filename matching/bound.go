package matching

import "math"

// improveBound is for a component that was not solved to the end: it chooses prices that prove as good a bound as can
// be had cheaply, the best of three: the resource prices reached so far with the need prices that they imply; every
// need at its best value; every resource at its best value.
func (t *task) improveBound() {
	p := t.problem
	var reached, byNeed, byResource sum128
	best := make(map[int32]int64, len(t.resources))
	for _, i := range t.needs {
		surplus, top := int64(0), int64(0)
		for _, e := range p.Row(int(i)) {
			if p.ResourceQuantity[e.Resource] == 0 {
				continue
			}
			surplus = max(surplus, e.Value-t.resourcePrice[e.Resource])
			top = max(top, e.Value)
			best[e.Resource] = max(best[e.Resource], e.Value)
		}
		t.needPrice[i] = surplus
		reached.addProduct(p.NeedQuantity[i], surplus)
		byNeed.addProduct(p.NeedQuantity[i], top)
	}
	for _, r := range t.resources {
		reached.addProduct(p.ResourceQuantity[r], t.resourcePrice[r])
		byResource.addProduct(p.ResourceQuantity[r], best[r])
	}
	if !byNeed.less(reached) && !byResource.less(reached) {
		t.bound = reached.int64()
		return
	}
	needs := byNeed.less(byResource)
	t.bound = min(byNeed.int64(), byResource.int64())
	for _, r := range t.resources {
		t.resourcePrice[r] = best[r]
		if needs {
			t.resourcePrice[r] = 0
		}
	}
	for _, i := range t.needs {
		t.needPrice[i] = 0
		for _, e := range p.Row(int(i)) {
			if needs && p.ResourceQuantity[e.Resource] > 0 {
				t.needPrice[i] = max(t.needPrice[i], e.Value)
			}
		}
	}
}

func (s *sum128) int64() int64 {
	if s.exceeds(math.MaxInt64) {
		return math.MaxInt64
	}
	return int64(s.lo)
}
