package candidates

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/city-resource-graph/crg/matching"
)

// A shard travels as: magic, then unsigned varints (ascending indices and row lengths as differences, values in zigzag
// form), then the SHA-256 of all before it. An edge takes about 6 bytes.
const shardMagic = "crg-shard-1\n"

// ErrDamaged says that bytes are not what was written.
var ErrDamaged = errors.New("damaged or foreign data")

// MarshalBinary writes the shard compactly and with a checksum.
func (s *Shard) MarshalBinary() ([]byte, error) {
	w := writer{make([]byte, 0, 64+12*(len(s.Needs)+len(s.Resources))+8*len(s.Edges))}
	w.buffer = append(w.buffer, shardMagic...)
	w.ascending(s.Needs)
	w.ascending(s.Resources)
	for _, q := range s.NeedQuantity {
		w.unsigned(uint64(q))
	}
	for _, q := range s.ResourceQuantity {
		w.unsigned(uint64(q))
	}
	priced := s.Warm != nil && s.Warm.ResourcePrice != nil
	w.unsigned(flag(s.Charges != nil) | flag(s.Lots != nil)<<1 | flag(s.Warm != nil)<<2 | flag(len(s.Open) > 0)<<3 | flag(priced)<<4 | flag(s.Tier != nil)<<5)
	for i := range s.Needs {
		row := s.Row(i)
		w.unsigned(uint64(len(row)))
		previous := int64(-1)
		for k, e := range row {
			w.signed(int64(e.Resource) - previous)
			w.signed(e.Value)
			if s.Charges != nil {
				w.unsigned(uint64(s.Charges[int(s.RowStart[i])+k]))
			}
			if s.Lots != nil {
				w.unsigned(uint64(s.Lots[int(s.RowStart[i])+k]))
			}
			previous = int64(e.Resource)
		}
	}
	if s.Warm != nil {
		w.tree(s.Warm.NeedParent, s.Warm.NeedFlow)
		w.tree(s.Warm.ResourceParent, s.Warm.ResourceFlow)
	}
	if priced {
		for _, price := range s.Warm.ResourcePrice {
			w.unsigned(uint64(price))
		}
	}
	if len(s.Open) > 0 {
		w.unsigned(uint64(len(s.Open)))
		for _, o := range s.Open {
			w.unsigned(uint64(o.Need))
			w.unsigned(uint64(o.Resource))
			w.unsigned(uint64(o.Quantity))
		}
	}
	for _, t := range s.Tier {
		w.unsigned(uint64(t))
	}
	sum := sha256.Sum256(w.buffer)
	return append(w.buffer, sum[:]...), nil
}

// UnmarshalBinary reads what MarshalBinary wrote; anything else is ErrDamaged.
func (s *Shard) UnmarshalBinary(data []byte) error {
	body := len(data) - sha256.Size
	if body < len(shardMagic) || string(data[:len(shardMagic)]) != shardMagic {
		return fmt.Errorf("read shard: %w: no shard of this version", ErrDamaged)
	}
	if sum := sha256.Sum256(data[:body]); string(sum[:]) != string(data[body:]) {
		return fmt.Errorf("read shard: %w: checksum differs", ErrDamaged)
	}
	r := reader{data: data[len(shardMagic):body]}
	part := matching.Part{}
	part.Needs, part.Resources = r.ascending(), r.ascending()
	part.NeedQuantity, part.ResourceQuantity = r.quantities(len(part.Needs)), r.quantities(len(part.Resources))
	flags := r.unsigned()
	var lots []int64
	part.RowStart = make([]int32, 1, len(part.Needs)+1)
	for range part.Needs {
		previous := int64(-1)
		for range r.length() {
			previous += r.signed()
			part.Edges = append(part.Edges, matching.Edge{Resource: int32(previous), Value: r.signed()})
			if flags&1 != 0 {
				part.Charges = append(part.Charges, int64(r.unsigned()))
			}
			if flags&2 != 0 {
				lots = append(lots, int64(r.unsigned()))
			}
		}
		part.RowStart = append(part.RowStart, int32(len(part.Edges)))
	}
	var warm *matching.Basis
	if flags&4 != 0 {
		warm = &matching.Basis{}
		warm.NeedParent, warm.NeedFlow = r.tree(len(part.Needs))
		warm.ResourceParent, warm.ResourceFlow = r.tree(len(part.Resources))
		if flags&16 != 0 {
			warm.ResourcePrice = r.quantities(len(part.Resources))
		}
	}
	var open []Fixed
	if flags&8 != 0 {
		open = make([]Fixed, r.length())
		for k := range open {
			open[k] = Fixed{Need: int32(r.unsigned()), Resource: int32(r.unsigned()), Quantity: int64(r.unsigned())}
		}
	}
	var tier []int
	if flags&32 != 0 {
		for range part.Needs {
			tier = append(tier, int(r.unsigned()))
		}
	}
	if r.failed || len(r.data) > 0 {
		return fmt.Errorf("read shard: %w: its length is wrong", ErrDamaged)
	}
	if err := part.Validate(); err != nil {
		return fmt.Errorf("read shard: %w", err)
	}
	s.Part, s.Lots, s.Tier, s.Warm, s.Open = part, lots, tier, warm, open
	return nil
}

func flag(set bool) uint64 {
	if set {
		return 1
	}
	return 0
}

type writer struct{ buffer []byte }

func (w *writer) unsigned(x uint64) { w.buffer = binary.AppendUvarint(w.buffer, x) }
func (w *writer) signed(x int64)    { w.buffer = binary.AppendVarint(w.buffer, x) }

func (w *writer) ascending(indices []int32) {
	w.unsigned(uint64(len(indices)))
	previous := int32(-1)
	for _, i := range indices {
		w.unsigned(uint64(i - previous))
		previous = i
	}
}

// tree writes one side of a basis.
func (w *writer) tree(parents []int32, flows []int64) {
	for k := range parents {
		w.signed(int64(parents[k]))
		w.unsigned(uint64(flows[k]))
	}
}

// reader remembers that something went wrong, so that callers check once at the end.
type reader struct {
	data   []byte
	failed bool
}

func (r *reader) unsigned() uint64 {
	x, n := binary.Uvarint(r.data)
	if n <= 0 {
		r.failed, r.data = true, nil
		return 0
	}
	r.data = r.data[n:]
	return x
}

func (r *reader) signed() int64 {
	x, n := binary.Varint(r.data)
	if n <= 0 {
		r.failed, r.data = true, nil
		return 0
	}
	r.data = r.data[n:]
	return x
}

// length reads a count; what is counted takes at least a byte each, so a larger count is an error, not an allocation.
func (r *reader) length() int {
	n := r.unsigned()
	if n > uint64(len(r.data)) {
		r.failed = true
		return 0
	}
	return int(n)
}

func (r *reader) ascending() []int32 {
	indices := make([]int32, r.length())
	previous := int32(-1)
	for k := range indices {
		previous += int32(r.unsigned())
		indices[k] = previous
	}
	return indices
}

func (r *reader) quantities(n int) []int64 {
	quantities := make([]int64, n)
	for k := range quantities {
		quantities[k] = int64(r.unsigned())
	}
	return quantities
}

func (r *reader) tree(n int) (parents []int32, flows []int64) {
	parents, flows = make([]int32, n), make([]int64, n)
	for k := range parents {
		parents[k], flows[k] = int32(r.signed()), int64(r.unsigned())
	}
	return parents, flows
}
