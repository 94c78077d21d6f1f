package live

import (
	"slices"

	"github.com/city-resource-graph/crg/matching"
)

// draft is the problem with some changes, before it is put together. The changes were accepted by Ask.
type draft struct {
	l                *Live
	needs, resources []int64
	rows             map[int32][]pair // of needs whose row is not the problem's
	constant         int64            // net worth of what was forced and is not part of the problem any more

	touched, touchedResources map[int32]bool
}

// pair is an edge with all that belongs to it.
type pair struct {
	resource           int32
	value, charge, lot int64
}

// built is a draft put together.
type built struct {
	matching.Problem
	lots []int64
}

func newDraft(l *Live) *draft {
	return &draft{
		l: l, needs: slices.Clone(l.problem.NeedQuantity), resources: slices.Clone(l.problem.ResourceQuantity),
		rows: map[int32][]pair{}, touched: map[int32]bool{}, touchedResources: map[int32]bool{},
	}
}

// row gives the row of a need, for reading.
func (d *draft) row(need int32) []pair {
	if row, changed := d.rows[need]; changed || int(need) >= len(d.l.problem.NeedQuantity) {
		return row
	}
	p := d.l.problem
	var row []pair
	for k := p.RowStart[need]; k < p.RowStart[need+1]; k++ {
		q := pair{resource: p.Edges[k].Resource, value: p.Edges[k].Value, charge: chargeOf(p, k), lot: 1}
		if d.l.lots != nil {
			q.lot = d.l.lots[k]
		}
		row = append(row, q)
	}
	return row
}

func (d *draft) apply(c Change) {
	switch c.kind {
	case changeNeed:
		d.needs[c.need] = c.quantity
		d.touched[c.need] = true
	case changeResource:
		d.resources[c.resource] = c.quantity
		d.touchedResources[c.resource] = true
	case changeForce:
		d.force(c)
	case changeForbid:
		d.setPair(c.need, pair{resource: c.resource})
	case changePair:
		d.setPair(c.need, pair{resource: c.resource, value: c.value, charge: c.charge, lot: 1})
	case changeAddNeed:
		need := int32(len(d.needs))
		d.needs = append(d.needs, c.quantity)
		d.touched[need] = true
		for _, e := range c.edges {
			d.rows[need] = append(d.rows[need], pair{e.Other, e.Value, e.Charge, 1})
		}
	case changeAddResource:
		resource := int32(len(d.resources))
		d.resources = append(d.resources, c.quantity)
		d.touchedResources[resource] = true
		for _, e := range c.edges {
			d.rows[e.Other] = append(d.row(e.Other), pair{resource, e.Value, e.Charge, 1})
		}
	}
}

// force takes a quantity out of the problem. Its trip is paid; what else the pair carries rides along, in any quantity.
func (d *draft) force(c Change) {
	d.touched[c.need], d.touchedResources[c.resource] = true, true
	if c.quantity == 0 {
		return
	}
	row := slices.Clone(d.row(c.need))
	most := min(d.needs[c.need], d.resources[c.resource])
	best := -1
	worth := func(k int) int64 { return row[k].value*most - row[k].charge }
	for k := range row {
		if row[k].resource == c.resource && (best < 0 || worth(k) > worth(best)) {
			best = k
		}
	}
	d.needs[c.need] -= c.quantity
	d.resources[c.resource] -= c.quantity
	d.constant += c.quantity*row[best].value - row[best].charge
	row[best].charge = 0
	row[best].lot = max(1, row[best].lot-c.quantity)
	d.rows[c.need] = row
}

// setPair replaces whatever joins a need and a resource.
func (d *draft) setPair(need int32, p pair) {
	d.touched[need], d.touchedResources[p.resource] = true, true
	row := slices.DeleteFunc(slices.Clone(d.row(need)), func(q pair) bool { return q.resource == p.resource })
	if p.value > 0 {
		row = append(row, p)
	}
	d.rows[need] = row
}

func (d *draft) build() *built {
	b := &built{Problem: matching.Problem{NeedQuantity: d.needs, ResourceQuantity: d.resources, RowStart: []int32{0}, Charges: []int64{}}}
	for i := range d.needs {
		for _, p := range d.row(int32(i)) {
			b.Edges = append(b.Edges, matching.Edge{Resource: p.resource, Value: p.value})
			b.Charges = append(b.Charges, p.charge)
			if d.l.lots != nil {
				// A lot that does not fit any more makes the pair unusable; 0 says so without a lot.
				b.lots = append(b.lots, p.lot)
				if most := min(d.needs[i], d.resources[p.resource]); p.lot > most {
					b.lots[len(b.lots)-1], b.Edges[len(b.Edges)-1].Value = 1, 0
				}
			}
		}
		b.RowStart = append(b.RowStart, int32(len(b.Edges)))
	}
	return b
}

// affected lists the needs of all components, of either problem, that the changes touch, ascending.
func (d *draft) affected(problems ...*built) []int32 {
	set := map[int32]bool{}
	for i := range d.touched {
		set[i] = true
	}
	for _, b := range problems {
		for _, needs := range matching.Components(&b.Problem) {
			if slices.ContainsFunc(needs, func(i int32) bool { return d.touches(b, i) }) {
				for _, i := range needs {
					set[i] = true
				}
			}
		}
	}
	list := make([]int32, 0, len(set))
	for i := range set {
		list = append(list, i)
	}
	slices.Sort(list)
	return list
}

func (d *draft) touches(b *built, need int32) bool {
	return d.touched[need] || slices.ContainsFunc(b.Row(int(need)), func(e matching.Edge) bool { return d.touchedResources[e.Resource] })
}
