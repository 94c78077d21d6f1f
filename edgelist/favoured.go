package edgelist

import (
	"errors"
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
	Unweighted *Unweighted // of an instance whose values count by weight
	Floors     []Floor
	Tiers      []Tier  // of needs served strictly in the order of their tier
	Proofs     []Proof // of what is said of weights and tiers
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
	if ward, twice := repeated(wards); twice {
		return f, fmt.Errorf("ward %q is named twice", ward)
	}
	for _, ward := range wards {
		if !slices.Contains(in.Wards, ward) {
			return f, &WardError{ward}
		}
	}
	f.Wanted = in.wantedIn(&f)
	f.Least = fairness.Share(f.Wanted, share)
	return f, nil
}

// repeated finds a ward that is named twice.
func repeated(wards []string) (ward string, twice bool) {
	for k, ward := range wards {
		if slices.Contains(wards[:k], ward) {
			return ward, true
		}
	}
	return "", false
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
	if len(c.Floors) > fairness.MostFloors {
		return nil, violation("floor", "%s: has %d floors, want at most %d", CertificateFile, len(c.Floors), fairness.MostFloors)
	}
	left := int64(1) << 62 // for bonuses: what else is added to them has 62 bits, too
	for k := range c.Floors {
		f := &c.Floors[k]
		if err := in.checkFloor(f, claim); err != nil {
			return nil, err
		}
		if f.Reached > left/max(f.Bonus, 1) {
			return nil, violation("floor", "%s: the floor of %s has a bonus of %d for each of %d: all bonuses together exceed 2^62",
				CertificateFile, f.Title(), f.Bonus, f.Reached)
		}
		left -= f.Bonus * f.Reached
		claim.Value += f.Bonus * f.Reached
		claim.Bound += f.Bonus * f.Least // which is no more
	}
	if c.Optimal != (c.Value == c.Bound) {
		return nil, violation("optimal", "%s: optimality is claimed with a gap of %d, or denied with none", CertificateFile, c.Bound-c.Value)
	}
	claim.Optimal = claim.Value == claim.Bound
	rewarded := *in
	rewarded.Problem, rewarded.Floors = in.Rewarded(c.Floors), c.Floors
	return &rewarded, nil
}

// checkFloor checks what is said of one floor against the needs and what they get.
func (in *Instance) checkFloor(f *Floor, claim *certificate.Claim) error {
	wrong := func(format string, args ...any) error {
		return violation("floor", "%s: the floor of %s %s", CertificateFile, f.Title(), fmt.Sprintf(format, args...))
	}
	if ward, twice := repeated(f.Wards); twice {
		return wrong("names ward %q twice", ward)
	}
	group, reached := in.Group(f), int64(0)
	for _, flow := range claim.Flows {
		if group(int32(in.needOf(flow.Edge))) {
			reached += flow.Quantity
		}
	}
	wanted := in.wantedIn(f)
	switch {
	case f.Bonus < 0 || f.Bonus > matching.MaxMagnitude:
		return wrong("has a bonus of %d, want 0 to %d", f.Bonus, matching.MaxMagnitude)
	case f.Least < 0 || f.Least > wanted:
		return wrong("asks for %d, want 0 to the %d that are wanted", f.Least, wanted)
	case f.Wanted != wanted:
		return wrong("claims that %d are wanted there, but it is %d", f.Wanted, wanted)
	case f.Share < 0 || f.Share > 1:
		return wrong("claims to be a share of %v, want 0 to 1", f.Share)
	case f.Share > 0 && f.Least != fairness.Share(wanted, f.Share):
		return wrong("claims to be %v of %d", f.Share, wanted)
	case f.Reached != reached:
		return wrong("claims that they get %d, but they get %d", f.Reached, reached)
	case reached < f.Least:
		return wrong("is not kept: they get %d", reached)
	}
	return nil
}

// checkTiers checks what a certificate says of the tiers, and the prices that prove their bounds.
func (in *Instance) checkTiers(c *Certificate, claim *certificate.Claim, proofs proofs) error {
	if in.Tiers == nil {
		return violation("tier", "%s: has tiers, but the table of needs has no column tier", CertificateFile)
	}
	var stages []certificate.Stage
	for _, t := range c.Tiers {
		proof := proofs.of(proofOfTier(t.Tier))
		stages = append(stages, certificate.Stage{
			Tier: t.Tier, Value: t.Value, Bound: t.Bound, Bonus: t.Bonus, NeedPrice: proof.NeedPrice, ResourcePrice: proof.ResourcePrice,
		})
	}
	p := in.Problem
	err := certificate.CheckOrder(&certificate.Instance[edge]{
		NeedQuantity: p.NeedQuantity, ResourceQuantity: p.ResourceQuantity, RowStart: p.RowStart, Edges: p.Edges, Charges: p.Charges,
	}, in.Tiers, claim.Flows, stages)
	var ofTier *certificate.OrderViolation
	var whole *certificate.Violation
	switch {
	case errors.As(err, &ofTier):
		return violation("tier", "%s: tier %d: %s", CertificateFile, ofTier.Tier, in.describe(ofTier.Violation, claim))
	case errors.As(err, &whole) && whole.Rule == certificate.RuleShape:
		return violation("tier", "%s: %s: want the tiers of the needs in order", CertificateFile, whole)
	case errors.As(err, &whole):
		return violation(string(whole.Rule), "%s", in.describe(whole, claim))
	}
	return err
}
