package candidates

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// SnapshotVersion is the layout of Snapshot as JSON.
const SnapshotVersion = 1

// Snapshot is everything that a run depends on, frozen: the same snapshot gives the same result wherever and whenever
// it is solved. Its lists are in canonical order ([Snapshot.Canonicalise]).
type Snapshot struct {
	Version   int           `json:"version"`
	City      city.ID       `json:"city"`
	Run       city.RunID    `json:"run,omitempty"`
	Now       time.Time     `json:"now"` // the city clock at the moment of freezing
	Plane     city.Plane    `json:"plane"`
	Currency  city.Currency `json:"currency"`
	PriceYear int           `json:"price_year"`

	Scoring    Scoring      `json:"scoring"`
	UnitValues []UnitValue  `json:"unit_values"` // one for each leaf that a resource has
	Travel     Travel       `json:"travel"`
	Wards      []WardWeight `json:"wards,omitempty"` // equity weights; a ward that is not listed weighs 1
	Floors     []Floor      `json:"floors,omitempty"`
	Tiers      bool         `json:"tiers,omitempty"` // needs are served strictly in the order of their urgency

	Resources  []Listing  `json:"resources"`
	Needs      []Listing  `json:"needs"`
	Pins       []Pin      `json:"pins,omitempty"`
	Affinities []Affinity `json:"affinities,omitempty"`
	// AffinityState says where the affinities come from; nil where the scoring gives them no weight.
	AffinityState *AffinityState `json:"affinity_state,omitempty"`
}

// AffinityState is how well the affinities of a snapshot are known.
type AffinityState struct {
	State  string     `json:"state"`            // current; last known, when the graph is away; none, when it never was there
	Pairs  int        `json:"pairs"`            // of participants in the snapshot with an affinity
	AsOf   *time.Time `json:"as_of,omitempty"`  // city time at which the graph was asked
	Reason string     `json:"reason,omitempty"` // why they are not current
}

// States of affinities.
const (
	AffinitiesCurrent   = "current"
	AffinitiesLastKnown = "last known"
	AffinitiesNone      = "none"
)

// Listing is a listing as a run sees it.
type Listing struct {
	city.Listing
	Left       int64     `json:"left"`                  // what is neither held nor committed, in the leaf's unit
	HolderKind city.Kind `json:"holder_kind,omitempty"` // decides who may take a resource
}

// UnitValue is what one unit of a leaf is worth to the city and what its trip costs, in minor units.
type UnitValue struct {
	Leaf          city.Leaf  `json:"leaf"`
	Fixed         int64      `json:"fixed"`          // of a unit, whatever its condition: avoided disposal, emissions
	WithCondition int64      `json:"with_condition"` // of a unit as new; multiplied by the resource's condition
	Charge        TripCharge `json:"charge"`
}

// TripCharge is what a pair costs whatever its quantity. Distances are straight lines; detour and empty way back are
// inside the rate.
type TripCharge struct {
	FixedMinor      int64 `json:"fixed_minor"`        // handling, administration
	MilliMinorPerKm int64 `json:"milli_minor_per_km"` // thousandths of a minor unit, so that rates below a cent count
}

// Travel is how long a trip takes and how far it may go.
type Travel struct {
	SecondsPerKm      int64 `json:"seconds_per_km"`      // of the straight line
	HandlingSeconds   int64 `json:"handling_seconds"`    // loading before the trip starts
	MaxDistanceMetres int   `json:"max_distance_metres"` // of any pair, whatever the listings say; 0 = no limit
}

// WardWeight is the equity weight of the needs of a ward, in millionths.
type WardWeight struct {
	Ward      string `json:"ward"`
	Millionth int64  `json:"millionth"`
}

// Affinity is a bonus (or malus) per unit for a pair of participants that know each other, in minor units.
type Affinity struct {
	Giver    city.ParticipantID `json:"giver"`
	Receiver city.ParticipantID `json:"receiver"`
	Minor    int64              `json:"minor"`
}

// PinKind is what a pin asks for.
type PinKind string

// Kinds of pin.
const (
	PinForbidden PinKind = "forbidden" // the pair was rejected: never again
	PinProposed  PinKind = "proposed"  // an open proposal of an earlier run: kept unless something clearly better comes
	PinFixed     PinKind = "fixed"     // approved: its quantity is taken from both sides before anything is solved
)

// Pin binds a pair of listings. The listings' Left of a fixed pin still includes its quantity.
type Pin struct {
	Resource city.ListingID `json:"resource"`
	Need     city.ListingID `json:"need"`
	Kind     PinKind        `json:"kind"`
	Quantity int64          `json:"quantity,omitempty"` // of a fixed pin, and what an open proposal promises
	Match    city.MatchID   `json:"match,omitzero"`     // that the pin stands for, where there is one
}

// Canonicalise sorts every list of the snapshot, so that its digest does not depend on the order of reading.
func (s *Snapshot) Canonicalise() {
	byID := func(a, b Listing) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(s.Resources, byID)
	slices.SortFunc(s.Needs, byID)
	slices.SortFunc(s.UnitValues, func(a, b UnitValue) int { return cmp.Compare(a.Leaf, b.Leaf) })
	sortWards(s.Wards)
	slices.SortFunc(s.Pins, func(a, b Pin) int {
		return cmp.Or(cmp.Compare(a.Need, b.Need), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Match.Run, b.Match.Run), cmp.Compare(a.Match.Leaf, b.Match.Leaf), cmp.Compare(a.Match.N, b.Match.N))
	})
	slices.SortFunc(s.Affinities, func(a, b Affinity) int {
		return cmp.Or(cmp.Compare(a.Giver, b.Giver), cmp.Compare(a.Receiver, b.Receiver))
	})
	for _, list := range [][]Listing{s.Resources, s.Needs} {
		for i := range list {
			slices.SortFunc(list[i].Windows, func(a, b city.Window) int {
				return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End))
			})
		}
	}
}

func sortWards(wards []WardWeight) {
	slices.SortFunc(wards, func(a, b WardWeight) int { return cmp.Compare(a.Ward, b.Ward) })
}

// Encode writes the snapshot as canonical JSON.
func (s *Snapshot) Encode() ([]byte, error) {
	s.Canonicalise()
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		return nil, fmt.Errorf("encode snapshot: %w", err)
	}
	return buffer.Bytes(), nil
}

// DecodeSnapshot reads what Encode wrote and refuses anything else.
func DecodeSnapshot(data []byte) (*Snapshot, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	s := &Snapshot{}
	if err := decoder.Decode(s); err != nil {
		return nil, fmt.Errorf("decode snapshot: %w", err)
	}
	if s.Version != SnapshotVersion {
		return nil, fmt.Errorf("decode snapshot: version %d, want %d", s.Version, SnapshotVersion)
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("decode snapshot: %w", err)
	}
	return s, nil
}

// Digest is the SHA-256 of the canonical JSON, as certificates name it.
func (s *Snapshot) Digest() (string, error) {
	data, err := s.Encode()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
