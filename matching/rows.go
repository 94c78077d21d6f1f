package matching

// rows holds the usable edges of a problem whose numbers fit into 32 bits, component after component. A component visits
// its needs in an order of its own, and memory that nobody reads in order is slow to come: to copy all rows in the
// problem's order first, and then within the component, takes a third of the time.
type rows struct {
	arcs []arc[int32] // resources by their index in the problem
	span [][2]int32   // of each need in arcs
}

// copyRows returns nil where a copy would bring little: if one component has most of the edges.
func copyRows(p *Problem, split *components, local []int32) *rows {
	c := &rows{span: make([][2]int32, len(p.NeedQuantity))}
	at, largest := int32(0), int32(0)
	for _, needs := range split.needs {
		first := at
		for _, i := range needs {
			c.span[i][0] = at
			at += p.RowStart[i+1] - p.RowStart[i]
		}
		largest = max(largest, at-first)
	}
	if int(largest) > len(p.Edges)/2 {
		return nil
	}
	c.arcs = make([]arc[int32], at)
	inPieces(p, func(first, end int) {
		for i := first; i < end; i++ {
			if split.member[i] == none {
				continue
			}
			n := c.span[i][0]
			for _, e := range p.Row(i) {
				if e.Value > 0 && local[e.Resource] != closed {
					c.arcs[n] = arc[int32]{e.Resource, int32(e.Value)}
					n++
				}
			}
			c.span[i][1] = n
		}
	})
	return c
}

func (c *rows) of(need int32) []arc[int32] { return c.arcs[c.span[need][0]:c.span[need][1]] }
