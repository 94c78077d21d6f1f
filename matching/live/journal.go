package live

import "slices"

// entry is one step, so that it can be taken back.
type entry struct {
	kind  entryKind
	index int32
	old   int64
}

type entryKind uint8

const (
	entryFlow entryKind = iota // old is the amount that was added
	entryNeedPrice
	entryResourcePrice
	entryNeedQuantity // old is the amount that was added to quantity and left
	entryResourceQuantity
	entryValue
	entryGross
	entryEdge // an edge was added
	entryNeed // a need was added
	entryResource
)

// addFlow adds an amount, positive or negative, to the flow of an edge.
func (l *Live) addFlow(edge int32, amount int64) {
	l.moveFlow(edge, amount)
	l.journal = append(l.journal, entry{entryFlow, edge, amount})
}

func (l *Live) moveFlow(edge int32, amount int64) {
	i, r := l.need[edge], l.res[edge]
	before := l.flow[edge]
	l.flow[edge] += amount
	l.needs.left[i] -= amount
	l.resources.left[r] -= amount
	l.total += amount * l.value[edge]
	switch {
	case before == 0 && l.flow[edge] > 0:
		l.needs.used[i] = append(l.needs.used[i], edge)
		l.resources.used[r] = append(l.resources.used[r], edge)
	case before > 0 && l.flow[edge] == 0:
		l.needs.used[i] = without(l.needs.used[i], edge)
		l.resources.used[r] = without(l.resources.used[r], edge)
	}
}

func without(list []int32, edge int32) []int32 {
	at := slices.Index(list, edge)
	return slices.Delete(list, at, at+1)
}

func (l *Live) setPrice(n node, price int64) {
	if n.need {
		l.journal = append(l.journal, entry{entryNeedPrice, n.index, l.needs.price[n.index]})
		l.needs.price[n.index] = price
		return
	}
	l.journal = append(l.journal, entry{entryResourcePrice, n.index, l.resources.price[n.index]})
	l.resources.price[n.index] = price
}

// addQuantity changes what a node has, and what it has left.
func (l *Live) addQuantity(n node, amount int64) {
	kind := entryResourceQuantity
	if n.need {
		kind = entryNeedQuantity
	}
	s := l.sideOf(n)
	s.quantity[n.index] += amount
	s.left[n.index] += amount
	l.journal = append(l.journal, entry{kind, n.index, amount})
}

// setValue changes what a unit on an edge without flow is worth.
func (l *Live) setValue(edge int32, value int64) {
	l.journal = append(l.journal, entry{entryValue, edge, l.value[edge]})
	l.value[edge] = value
}

func (l *Live) setGross(edge int32, value int64) {
	l.journal = append(l.journal, entry{entryGross, edge, l.gross[edge]})
	l.gross[edge] = value
}

// undo takes back all that was done since New.
func (l *Live) undo() {
	for k := len(l.journal) - 1; k >= 0; k-- {
		e := l.journal[k]
		switch e.kind {
		case entryFlow:
			l.moveFlow(e.index, -e.old)
		case entryNeedPrice:
			l.needs.price[e.index] = e.old
		case entryResourcePrice:
			l.resources.price[e.index] = e.old
		case entryNeedQuantity:
			l.needs.quantity[e.index] -= e.old
			l.needs.left[e.index] -= e.old
		case entryResourceQuantity:
			l.resources.quantity[e.index] -= e.old
			l.resources.left[e.index] -= e.old
		case entryValue:
			l.value[e.index] = e.old
		case entryGross:
			l.gross[e.index] = e.old
		case entryEdge:
			l.removeEdge(e.index)
		case entryNeed:
			l.needs.removeLast()
		case entryResource:
			l.resources.removeLast()
		}
	}
	l.journal = l.journal[:0]
}
