package recurring

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
)

// Memory is what a run leaves for the next one to start from.
type Memory struct {
	City      city.ID
	Engine    string // matching.Version
	Needs     []Hung // ascending by listing
	Resources []Hung
}

// Hung says where a listing hangs in the basis tree: below a listing of the other side, or below the pool of the
// unmatched.
type Hung struct {
	Listing city.ListingID
	Parent  city.ListingID // empty: the pool
	Flow    int64
	Price   int64 // of a resource
}

// Errors of a memory that cannot be used. The run then starts cold; nothing else is lost.
var (
	ErrDamaged = errors.New("the memory of the last run is damaged")
	ErrForeign = errors.New("the memory is of another city or engine")
)

// Remember takes down the basis of a solved graph.
func Remember(s *candidates.Snapshot, b *matching.Basis) *Memory {
	m := &Memory{City: s.City, Engine: matching.Version}
	m.Needs = hang(s.Needs, s.Resources, b.NeedParent, b.NeedFlow)
	m.Resources = hang(s.Resources, s.Needs, b.ResourceParent, b.ResourceFlow)
	for k, price := range b.ResourcePrice {
		m.Resources[k].Price = price
	}
	return m
}

func hang(own, other []candidates.Listing, parent []int32, flow []int64) []Hung {
	list := make([]Hung, len(own))
	for k := range own {
		list[k] = Hung{Listing: own[k].ID, Flow: flow[k]}
		if parent[k] != matching.Unmatched {
			list[k].Parent = other[parent[k]].ID
		}
	}
	return list
}

// Basis puts the memory into the terms of a new snapshot. New listings hang at the pool, and so does what hung below a
// listing that is gone.
func (m *Memory) Basis(s *candidates.Snapshot) (*matching.Basis, error) {
	if m.City != s.City || m.Engine != matching.Version {
		return nil, fmt.Errorf("%w: city %s, engine %s; this run is of city %s, engine %s", ErrForeign, m.City, m.Engine, s.City, matching.Version)
	}
	b := &matching.Basis{}
	b.NeedParent, b.NeedFlow = place(m.Needs, s.Needs, s.Resources)
	b.ResourceParent, b.ResourceFlow = place(m.Resources, s.Resources, s.Needs)
	price := make(map[city.ListingID]int64, len(m.Resources))
	for _, h := range m.Resources {
		price[h.Listing] = h.Price
	}
	b.ResourcePrice = make([]int64, len(s.Resources))
	for k := range s.Resources {
		b.ResourcePrice[k] = price[s.Resources[k].ID]
	}
	return b, nil
}

func place(list []Hung, own, other []candidates.Listing) (parent []int32, flow []int64) {
	parent, flow = make([]int32, len(own)), make([]int64, len(own))
	at := make(map[city.ListingID]int32, len(other))
	for k := range other {
		at[other[k].ID] = int32(k)
	}
	known := make(map[city.ListingID]Hung, len(list))
	for _, h := range list {
		known[h.Listing] = h
	}
	for k := range own {
		parent[k] = matching.Unmatched
		h, before := known[own[k].ID]
		if !before {
			flow[k] = own[k].Left
			continue
		}
		flow[k] = h.Flow
		if p, still := at[h.Parent]; still && h.Parent != "" {
			parent[k] = p
		}
	}
	return parent, flow
}

// memoryMagic names the layout; another one is another version.
const memoryMagic = "crg-memory-1\n"

// MarshalBinary writes the memory with a checksum.
func (m *Memory) MarshalBinary() ([]byte, error) {
	buffer := bytes.NewBufferString(memoryMagic)
	type plain Memory
	if err := gob.NewEncoder(buffer).Encode((*plain)(m)); err != nil {
		return nil, fmt.Errorf("encode memory: %w", err)
	}
	sum := sha256.Sum256(buffer.Bytes())
	return append(buffer.Bytes(), sum[:]...), nil
}

// UnmarshalBinary reads what MarshalBinary wrote; anything else is ErrDamaged.
func (m *Memory) UnmarshalBinary(data []byte) error {
	body := len(data) - sha256.Size
	if body < len(memoryMagic) || string(data[:len(memoryMagic)]) != memoryMagic {
		return fmt.Errorf("%w: no memory of this version", ErrDamaged)
	}
	if sum := sha256.Sum256(data[:body]); string(sum[:]) != string(data[body:]) {
		return fmt.Errorf("%w: checksum differs", ErrDamaged)
	}
	type plain Memory
	if err := gob.NewDecoder(bytes.NewReader(data[len(memoryMagic):body])).Decode((*plain)(m)); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}
