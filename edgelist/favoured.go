package edgelist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/certificate"
	"github.com/city-resource-graph/crg/matching/fairness"
)

// MostTier is the last place in an order of service.
const MostTier = 1_000_000

// Floor is the least that the needs of some wards were to get together, and what keeps it. The certificate's prices are those
// of the input with the bonus on each unit that goes to one of them; its value and bound are without.
type Floor struct {
	Wards   []string `json:"wards"`
	Share   float64  `json:"share,omitempty"` // of what the needs want, if that was asked for
	Wanted  int64    `json:"wanted"`
	Least   int64    `json:"least"`
	Reached int64    `json:"reached"`
	Bonus   int64    `json:"bonus"` // per unit: what one unit less would save, at the margin
}

// Favoured is what a result saw to besides value.
type Favoured struct {
	Floors []Floor
	Tiers  []fairness.Tier // of needs served strictly in the order of their tier
}

// Title names the floor for people.
func (f *Floor) Title() string {
	return fmt.Sprintf("%d for ward %s", f.Least, strings.Join(f.Wards, ", "))
}

// WardError is a ward that no need is in.
type WardError struct{ Ward string }

func (e *WardError) Error() string { return fmt.Sprintf("no need is in ward %q", e.Ward) }

// Ask turns a share of what the needs of some wards want into a floor. Wards that no need is in are refused by name.
func (in *Instance) Ask(wards []string, share float64) (Floor, error) {
	f := Floor{Wards: wards, Share: share}
	for k, ward := range wards {
		if slices.Contains(wards[:k], ward) {
			return f, fmt.Errorf("ward %q is named twice", ward)
		}
		if !slices.Contains(in.Wards, ward) {
			return f, &WardError{ward}
		}
	}
	f.Wanted = in.wantedIn(&f)
	f.Least = fairness.Share(f.Wanted, share)
	return f, nil
}

func (in *Instance) wantedIn(f *Floor) int64 {
	wanted := int64(0)
	for i, ward := range in.Wards {
		if slices.Contains(f.Wards, ward) {
			wanted += in.Problem.NeedQuantity[i]
		}
	}
	return wanted
}

// Group says which needs the floor is for.
func (in *Instance) Group(f *Floor) func(need int32) bool {
	member := make([]bool, len(in.Needs))
	for i, ward := range in.Wards {
		member[i] = slices.Contains(f.Wards, ward)
	}
	return func(need int32) bool { return member[need] }
}

// Rewarded is the problem with the bonuses of floors.
func (in *Instance) Rewarded(floors []Floor) *matching.Problem {
	p := *in.Problem
	p.Edges = slices.Clone(p.Edges)
	for k := range floors {
		group := in.Group(&floors[k])
		for i := range in.Needs {
			for e := p.RowStart[i]; e < p.RowStart[i+1] && group(int32(i)); e++ {
				p.Edges[e].Value += floors[k].Bonus
			}
		}
	}
	return &p
}

// reward checks what a certificate says of floors, and turns the claim into that of the input with bonuses, which its
// prices prove.
func (in *Instance) reward(c *Certificate, claim *certificate.Claim) (*Instance, error) {
	if in.Wards == nil {
		return nil, violation("floor", "%s: has floors, but the table of needs has no column ward", CertificateFile)
	}
	most := int64(1) << 61 / int64(len(c.Floors)) // so that no sum leaves 63 bits
	for k := range c.Floors {
		f := &c.Floors[k]
		group, reached := in.Group(f), int64(0)
		for _, flow := range claim.Flows {
			if group(int32(in.needOf(flow.Edge))) {
				reached += flow.Quantity
			}
		}
		wanted := in.wantedIn(f)
		switch {
		case f.Bonus < 0 || f.Bonus > matching.MaxMagnitude || f.Least < 0 || f.Least > wanted || wanted > most/max(f.Bonus, 1):
			return nil, violation("floor", "%s: the floor of %s has a bonus of %d and %d are wanted: want none below 0, and no more than wanted",
				CertificateFile, f.Title(), f.Bonus, wanted)
		case f.Wanted != wanted:
			return nil, violation("floor", "%s: the floor of %s claims that %d are wanted there, but it is %d", CertificateFile, f.Title(), f.Wanted, wanted)
		case f.Share > 0 && f.Least != fairness.Share(wanted, f.Share):
			return nil, violation("floor", "%s: the floor of %s claims to be %v of %d", CertificateFile, f.Title(), f.Share, wanted)
		case f.Reached != reached:
			return nil, violation("floor", "%s: the floor of %s claims that they get %d, but they get %d", CertificateFile, f.Title(), f.Reached, reached)
		case reached < f.Least:
			return nil, violation("floor", "%s: the floor of %s is not kept: they get %d", CertificateFile, f.Title(), reached)
		}
		claim.Value += f.Bonus * reached
		claim.Bound += f.Bonus * f.Least
	}
	if c.Optimal != (c.Value == c.Bound) {
		return nil, violation("optimal", "%s: optimality is claimed with a gap of %d, or denied with none", CertificateFile, c.Bound-c.Value)
	}
	claim.Optimal = claim.Value == claim.Bound
	rewarded := *in
	rewarded.Problem, rewarded.Floors = in.Rewarded(c.Floors), c.Floors
	return &rewarded, nil
}

// checkTiers adds up what each tier gets. That none could get more of what the ones before it left is said by the bound of
// its tier, which is the engine's word: the prices prove the bound of the whole.
func (in *Instance) checkTiers(c *Certificate, claim *certificate.Claim) error {
	if in.Tiers == nil {
		return violation("tier", "%s: has tiers, but the table of needs has no column tier", CertificateFile)
	}
	value := map[int]int64{}
	for _, flow := range claim.Flows {
		tier := in.Tiers[in.needOf(flow.Edge)]
		value[tier] += flow.Quantity * in.Problem.Edges[flow.Edge].Value
		if in.Problem.Charges != nil {
			value[tier] -= in.Problem.Charges[flow.Edge]
		}
	}
	known := slices.Compact(slices.Sorted(slices.Values(in.Tiers)))
	for k, t := range c.Tiers {
		if k >= len(known) || t.Tier != known[k] || t.Value > t.Bound {
			return violation("tier", "%s: tier %d, worth %d of at most %d: want the tiers of the needs in order, none above its bound",
				CertificateFile, t.Tier, t.Value, t.Bound)
		}
		if t.Value != value[t.Tier] {
			return violation("tier", "%s: tier %d is claimed to get %d, but gets %d", CertificateFile, t.Tier, t.Value, value[t.Tier])
		}
	}
	if len(c.Tiers) != len(known) {
		return violation("tier", "%s: has %d tiers, the needs have %d", CertificateFile, len(c.Tiers), len(known))
	}
	return nil
}
