package live

import (
	"fmt"
	"slices"
)

// Change is one difference to the problem that a question supposes. Make it with one of the functions below.
type Change struct {
	kind     changeKind
	need     int32
	resource int32
	quantity int64
	edges    []Edge
	value    int64
	charge   int64
}

type changeKind uint8

const (
	changeNeed changeKind = iota
	changeResource
	changeForce
	changeForbid
	changePair
	changeAddNeed
	changeAddResource
)

// Edge is an edge of a listing that a question adds: to the listing Other on the other side.
type Edge struct {
	Other  int32
	Value  int64
	Charge int64
}

// NeedQuantity supposes that a need wanted another quantity; 0 takes it away.
func NeedQuantity(need int32, quantity int64) Change {
	return Change{kind: changeNeed, need: need, quantity: quantity}
}

// ResourceQuantity supposes that a resource offered another quantity; 0 takes it away.
func ResourceQuantity(resource int32, quantity int64) Change {
	return Change{kind: changeResource, resource: resource, quantity: quantity}
}

// Force supposes that a pair had to carry a quantity at least. It holds for what all changes of a question make of the
// problem together, wherever it stands among them.
func Force(need, resource int32, quantity int64) Change {
	return Change{kind: changeForce, need: need, resource: resource, quantity: quantity}
}

// Forbid supposes that a pair could not be used.
func Forbid(need, resource int32) Change {
	return Change{kind: changeForbid, need: need, resource: resource}
}

// Pair supposes that a unit of a pair were worth value and its trip cost charge; the pair may be a new one.
func Pair(need, resource int32, value, charge int64) Change {
	return Change{kind: changePair, need: need, resource: resource, value: value, charge: charge}
}

// AddNeed supposes one more need. It gets the next index.
func AddNeed(quantity int64, edges ...Edge) Change {
	return Change{kind: changeAddNeed, quantity: quantity, edges: edges}
}

// AddResource supposes one more resource. It gets the next index.
func AddResource(quantity int64, edges ...Edge) Change {
	return Change{kind: changeAddResource, quantity: quantity, edges: edges}
}

// Outcome answers a question.
type Outcome struct {
	Before, After int64 // the optimum without and with the changes; with charges, the bound
	Moves         []Move
}

// Gain is what the changes are worth; a loss is negative.
func (o Outcome) Gain() int64 { return o.After - o.Before }

// Move is a pair whose quantity differs between the two optima.
type Move struct {
	Need, Resource int32
	Before, After  int64
}

// Ask supposes some changes, one after the other, and says what the optimum would be. Nothing stays changed.
func (l *Live) Ask(changes ...Change) (Outcome, error) {
	o := Outcome{Before: l.total}
	defer l.undo()
	constant := int64(0) // value of quantities that are forced, and therefore out of the problem
	forced := map[int32]int64{}
	for _, c := range forcesLast(changes) {
		worth, err := l.apply(c, forced)
		if err != nil {
			return Outcome{}, fmt.Errorf("what if: %w", err)
		}
		constant += worth
	}
	o.After = l.total + constant
	o.Moves = l.moves(forced)
	return o, nil
}

// forcesLast brings what is forced behind all other changes, which decide what there is to be forced. Of a pair that is
// forced several times the largest quantity counts.
func forcesLast(changes []Change) []Change {
	var others, forces []Change
	for _, c := range changes {
		if c.kind != changeForce {
			others = append(others, c)
			continue
		}
		same := func(f Change) bool { return f.need == c.need && f.resource == c.resource }
		if k := slices.IndexFunc(forces, same); k >= 0 {
			forces[k].quantity = max(forces[k].quantity, c.quantity)
			continue
		}
		forces = append(forces, c)
	}
	return append(others, forces...)
}

func (l *Live) apply(c Change, forced map[int32]int64) (constant int64, err error) {
	if err := l.inRange(c); err != nil {
		return 0, err
	}
	if err := l.checkRoom(c); err != nil {
		return 0, err
	}
	switch c.kind {
	case changeNeed:
		l.setQuantity(node{c.need, true}, c.quantity)
	case changeResource:
		l.setQuantity(node{c.resource, false}, c.quantity)
	case changeForce:
		return l.force(c, forced)
	case changeForbid:
		l.setPair(c.need, c.resource, 0, 0)
	case changePair:
		l.setPair(c.need, c.resource, c.value, c.charge)
	case changeAddNeed:
		l.addNode(true, c)
	case changeAddResource:
		l.addNode(false, c)
	}
	return 0, nil
}

// moves lists the pairs whose flow was touched and ended up different.
func (l *Live) moves(forced map[int32]int64) []Move {
	before := map[int32]int64{}
	var order []int32
	touch := func(edge int32) {
		if _, seen := before[edge]; !seen {
			before[edge] = l.flow[edge]
			order = append(order, edge)
		}
	}
	for edge := range forced {
		touch(edge)
	}
	for _, e := range l.journal {
		if e.kind == entryFlow {
			touch(e.index)
			before[e.index] -= e.old
		}
	}
	slices.Sort(order)
	var moves []Move
	for _, edge := range order {
		if after := l.flow[edge] + forced[edge]; after != before[edge] {
			moves = append(moves, Move{l.need[edge], l.res[edge], before[edge], after})
		}
	}
	return moves
}
