package edgelist

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"runtime"
	"slices"

	"github.com/city-resource-graph/crg/matching"
)

// Files are the paths of the three input tables.
type Files struct {
	Needs, Resources, Edges string
}

// Instance is a problem with the ids of its needs and resources, in canonical order.
type Instance struct {
	Needs, Resources []string
	Problem          *matching.Problem

	Wards []string // by need, empty: in none; nil: the table has no such column
	Tiers []int    // by need, the lowest is served first; nil: the table has no such column

	Weights    []int64           // by need, in millionths; nil: the table has no such column
	Unweighted *matching.Problem // of an instance whose values count by weight: the problem without

	// Of a loaded result: what it saw to besides value.
	Floors  []Floor
	InOrder bool
}

// edge is the problem's edge, in short.
type edge = matching.Edge

// edgeOf finds the edge of a pair; rows are sorted by resource.
func (in *Instance) edgeOf(need, resource int32) (int32, bool) {
	at, ok := slices.BinarySearchFunc(in.Problem.Row(int(need)), resource, func(e edge, r int32) int {
		return int(e.Resource) - int(r)
	})
	return in.Problem.RowStart[need] + int32(at), ok
}

// Read reads the three tables; errors of the input are *InputError. Workers is the number of goroutines, 0 for
// GOMAXPROCS.
func Read(f Files, workers int) (*Instance, error) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	needs, resources, err := readSides(f)
	if err != nil {
		return nil, err
	}
	er, blocks, err := readEdges(f.Edges, needs, resources, workers)
	if err != nil {
		return nil, err
	}
	if len(er.edges) > math.MaxInt32 {
		return nil, &InputError{File: f.Edges, Problem: "has more than 2^31-1 lines"}
	}
	return &Instance{
		Needs: needs.ids, Resources: resources.ids, Problem: er.arrange(blocks, workers), Wards: needs.wards, Tiers: needs.tiers,
		Weights: needs.weights,
	}, nil
}

// readSides reads needs and resources at the same time. If both are wrong, the needs are reported.
func readSides(f Files) (needs, resources *side, err error) {
	type result struct {
		side *side
		err  error
	}
	other := make(chan result, 1)
	go func() {
		s, err := readSide(f.Resources, "resource")
		other <- result{s, err}
	}()
	needs, err = readSide(f.Needs, "need")
	r := <-other
	if err == nil {
		err = r.err
	}
	return needs, r.side, err
}

// Digest is the SHA-256 of the instance, before its values were weighed, in canonical order, so that it does not depend on how the rows were ordered or
// quoted. Hashed are, all numbers little-endian: the numbers of needs and resources (8 bytes each) and 1 or 0 for with
// or without charges (1 byte); for each need and then each resource the length of its id (4), the id and its quantity
// (8); for each need the number of its edges (4) and for each edge, by resource, the resource's place from 0 (4), its
// value (8) and, if there are charges, its charge (8). Where the needs have wards, a w and for each need the length of
// its ward (4) and the ward follow; where they have tiers, a t and each need's tier (8);
// where they have weights, an e and each need's weight in millionths (8).
func (in *Instance) Digest() string {
	p := cmp.Or(in.Unweighted, in.Problem)
	h := sha256.New()
	buffer := make([]byte, 0, 1<<16)
	room := func(n int) {
		if len(buffer)+n > cap(buffer) {
			h.Write(buffer)
			buffer = buffer[:0]
		}
	}
	le := binary.LittleEndian
	buffer = le.AppendUint64(buffer, uint64(len(in.Needs)))
	buffer = le.AppendUint64(buffer, uint64(len(in.Resources)))
	charged := byte(0)
	if p.Charges != nil {
		charged = 1
	}
	buffer = append(buffer, charged)
	for _, side := range []struct {
		ids      []string
		quantity []int64
	}{{in.Needs, p.NeedQuantity}, {in.Resources, p.ResourceQuantity}} {
		for k, id := range side.ids {
			room(12 + len(id))
			buffer = le.AppendUint32(buffer, uint32(len(id)))
			buffer = append(buffer, id...)
			buffer = le.AppendUint64(buffer, uint64(side.quantity[k]))
		}
	}
	for i := range p.NeedQuantity {
		room(4)
		buffer = le.AppendUint32(buffer, uint32(p.RowStart[i+1]-p.RowStart[i]))
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			room(20)
			buffer = le.AppendUint32(buffer, uint32(p.Edges[k].Resource))
			buffer = le.AppendUint64(buffer, uint64(p.Edges[k].Value))
			if charged == 1 {
				buffer = le.AppendUint64(buffer, uint64(p.Charges[k]))
			}
		}
	}
	if in.Wards != nil {
		room(1)
		buffer = append(buffer, 'w')
		for _, ward := range in.Wards {
			room(4 + len(ward))
			buffer = append(le.AppendUint32(buffer, uint32(len(ward))), ward...)
		}
	}
	if in.Tiers != nil {
		room(1)
		buffer = append(buffer, 't')
		for _, tier := range in.Tiers {
			room(8)
			buffer = le.AppendUint64(buffer, uint64(tier))
		}
	}
	if in.Weights != nil {
		room(1)
		buffer = append(buffer, 'e')
		for _, weight := range in.Weights {
			room(8)
			buffer = le.AppendUint64(buffer, uint64(weight))
		}
	}
	h.Write(buffer)
	return hex.EncodeToString(h.Sum(nil))
}
