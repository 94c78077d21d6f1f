package edgelist

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/city-resource-graph/crg/matching"
)

// A basis file is this line, then for both sides the number of ids and for each id its length, its bytes, the place
// of its parent on the other side (0: none), the flow to it and the price (of needs 0), all as variable-length integers,
// and at the end the SHA-256 of all before.
const basisHeader = "crg basis 2\n"

// EncodeBasis writes a basis in terms of ids.
func EncodeBasis(in *Instance, b *matching.Basis) []byte {
	out := make([]byte, 0, 20*(len(in.Needs)+len(in.Resources))+64)
	out = append(out, basisHeader...)
	side := func(ids []string, parent []int32, flow, price []int64) {
		out = binary.AppendUvarint(out, uint64(len(ids)))
		for k, id := range ids {
			out = binary.AppendUvarint(out, uint64(len(id)))
			out = append(out, id...)
			out = binary.AppendUvarint(out, uint64(parent[k]+1))
			out = binary.AppendUvarint(out, uint64(flow[k]))
			if price == nil {
				out = append(out, 0)
				continue
			}
			out = binary.AppendUvarint(out, uint64(price[k]))
		}
	}
	side(in.Needs, b.NeedParent, b.NeedFlow, nil)
	side(in.Resources, b.ResourceParent, b.ResourceFlow, b.ResourcePrice)
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}

// ErrDamagedBasis says that a basis file is not as it was written.
var ErrDamagedBasis = errors.New("the basis is damaged or of another version")

// ForeignBasisError says that a basis has too little in common with the instance to be its earlier state.
type ForeignBasisError struct {
	Known, Total int // ids of the basis that the instance has, and all
}

func (e *ForeignBasisError) Error() string {
	return fmt.Sprintf("the basis is of another input: only %d of its %d ids and pairs occur in this one", e.Known, e.Total)
}

// ReadBasis reads the basis of the result folder dir and renumbers it for an instance: needs and resources that are
// new start unmatched, what is gone is left out. Errors are *InputError.
func ReadBasis(dir string, in *Instance) (*matching.Basis, error) {
	path := filepath.Join(dir, BasisFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &InputError{File: path, Problem: "cannot be read: " + cause(err)}
	}
	b, err := DecodeBasis(data, in)
	if err != nil {
		return nil, &InputError{File: path, Problem: err.Error()}
	}
	return b, nil
}

// DecodeBasis is ReadBasis from memory; errors are ErrDamagedBasis and *ForeignBasisError.
func DecodeBasis(data []byte, in *Instance) (*matching.Basis, error) {
	body := len(data) - sha256.Size
	if body < len(basisHeader) || !bytes.HasPrefix(data, []byte(basisHeader)) {
		return nil, ErrDamagedBasis
	}
	if sum := sha256.Sum256(data[:body]); !bytes.Equal(sum[:], data[body:]) {
		return nil, ErrDamagedBasis
	}
	d := &basisDecoder{data: data[len(basisHeader):body]}
	needs := d.side(newIndex(in.Needs))
	resources := d.side(newIndex(in.Resources))
	if d.failed || len(d.data) > 0 {
		return nil, ErrDamagedBasis
	}
	return renumber(in, needs, resources)
}

// storedSide is one side as it stands in the file: for each id its place in the instance (-1: gone), parent, flow and price.
type storedSide struct {
	place, parent []int32
	flow, price   []int64
}

type basisDecoder struct {
	data   []byte
	failed bool
}

func (d *basisDecoder) next() uint64 {
	v, n := binary.Uvarint(d.data)
	if n <= 0 {
		d.failed, d.data = true, nil
		return 0
	}
	d.data = d.data[n:]
	return v
}

func (d *basisDecoder) side(x *index) *storedSide {
	s := &storedSide{}
	for left := d.next(); left > 0 && !d.failed; left-- {
		size := d.next()
		if size > uint64(len(d.data)) {
			d.failed = true
			return s
		}
		s.place = append(s.place, x.find(d.data[:size]))
		d.data = d.data[size:]
		s.parent = append(s.parent, int32(d.next())-1)
		s.flow = append(s.flow, int64(d.next()))
		s.price = append(s.price, int64(d.next()))
	}
	return s
}

// renumber translates the stored places into the instance's. The basis is foreign if less than half of its ids, or of
// its matched pairs, are known.
func renumber(in *Instance, needs, resources *storedSide) (*matching.Basis, error) {
	b := matching.NewBasis(in.Problem)
	total, known := 0, 0
	move := func(s, other *storedSide, toParent []int32, toFlow []int64, pair func(self, parent int32) bool) bool {
		for k, place := range s.place {
			total++
			if place < 0 {
				continue
			}
			known++
			if s.parent[k] < 0 {
				continue
			}
			if int(s.parent[k]) >= len(other.place) {
				return false
			}
			total++
			if parent := other.place[s.parent[k]]; parent >= 0 && pair(place, parent) {
				known++
				toParent[place], toFlow[place] = parent, s.flow[k]
			}
		}
		return true
	}
	ok := move(needs, resources, b.NeedParent, b.NeedFlow, in.has) &&
		move(resources, needs, b.ResourceParent, b.ResourceFlow, func(r, n int32) bool { return in.has(n, r) })
	if !ok {
		return nil, ErrDamagedBasis
	}
	b.ResourcePrice = make([]int64, len(in.Resources))
	for k, place := range resources.place {
		if place >= 0 {
			b.ResourcePrice[place] = resources.price[k]
		}
	}
	if 2*known < total {
		return nil, &ForeignBasisError{Known: known, Total: total}
	}
	return b, nil
}

// has reports whether a pair has an edge.
func (in *Instance) has(need, resource int32) bool {
	_, ok := in.edgeOf(need, resource)
	return ok
}
