package main

import (
	"bufio"
	"encoding/binary"
	"os"

	"github.com/city-resource-graph/crg/matching"
)

// export writes a problem's components for the other solvers, as little-endian 64-bit integers: the number of
// components; for each its numbers of needs, resources and usable edges, their quantities, and the edges' needs,
// resources and values.
func export(path string, p *matching.Problem) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // after an error; a whole file is closed at the end
	w := bufio.NewWriterSize(f, 1<<20)
	components := matching.Components(p)
	put := func(v int64) { _ = binary.Write(w, binary.LittleEndian, v) }
	putAll := func(v []int64) { _ = binary.Write(w, binary.LittleEndian, v) }
	put(int64(len(components)))
	for _, needs := range components {
		part := matching.NewPart(p, needs)
		var need, resource, value []int64
		for i := range part.NeedQuantity {
			for _, e := range part.Row(i) {
				if e.Value > 0 {
					need, resource, value = append(need, int64(i)), append(resource, int64(e.Resource)), append(value, e.Value)
				}
			}
		}
		putAll([]int64{int64(len(part.NeedQuantity)), int64(len(part.ResourceQuantity)), int64(len(need))})
		for _, v := range [][]int64{part.NeedQuantity, part.ResourceQuantity, need, resource, value} {
			putAll(v)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
