package edgelist

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/city-resource-graph/crg/matching/fairness"
)

// ProofsFile has the prices of what a certificate proves besides its bound. Prices of 0 are left out.
const ProofsFile = "proofs.csv"

// proofUnweighted names the prices of the values without weights; those of a tier are named after it.
const proofUnweighted = "unweighted"

func proofOfTier(tier int) string { return fmt.Sprintf("tier %d", tier) }

// Proof is prices that prove something, by its name.
type Proof struct {
	Name                     string
	NeedPrice, ResourcePrice []int64
}

// ProofOfUnweighted is what proves the bound of Unweighted.
func ProofOfUnweighted(needPrice, resourcePrice []int64) Proof {
	return Proof{proofUnweighted, needPrice, resourcePrice}
}

// Tier is what one tier got, what it could have got at most after those before it, and the bonus of certificate.Stage.
type Tier struct {
	Tier  int   `json:"tier"`
	Value int64 `json:"value"` // net of charges
	Bound int64 `json:"bound"`
	Bonus int64 `json:"bonus,omitempty"`
}

// Order is the tiers of an allocation and what proves their bounds.
func Order(tiered *fairness.Tiered) (tiers []Tier, proofs []Proof) {
	for k, t := range tiered.Tiers {
		s := &tiered.Proof[k]
		tiers = append(tiers, Tier{t.Tier, t.Value, t.Bound, s.Bonus})
		proofs = append(proofs, Proof{proofOfTier(t.Tier), s.NeedPrice, s.ResourcePrice})
	}
	return tiers, proofs
}

func proofPieces(in *Instance, list []Proof) []piece {
	pieces := whole([]byte("proof,side,id,price\n"))
	for _, p := range list {
		side := func(name string, ids []string, price []int64) []piece {
			return rows(len(ids), func(from, to int) (text []byte) {
				for k := from; k < to; k++ {
					if price[k] == 0 {
						continue
					}
					text = append(append(append(text, p.Name...), ','), name...)
					text = append(appendField(append(text, ','), ids[k]), ',')
					text = append(strconv.AppendInt(text, price[k], 10), '\n')
				}
				return text
			})
		}
		pieces = slices.Concat(pieces, side("need", in.Needs, p.NeedPrice), side("resource", in.Resources, p.ResourcePrice))
	}
	return pieces
}

// proofs is those of a result, by name.
type proofs struct {
	in     *Instance
	byName map[string]*Proof
}

// of is the proof of a name. One that has no row has no price but 0.
func (p *proofs) of(name string) *Proof {
	proof := p.byName[name]
	if proof == nil {
		proof = &Proof{Name: name, NeedPrice: make([]int64, len(p.in.Needs)), ResourcePrice: make([]int64, len(p.in.Resources))}
		p.byName[name] = proof
	}
	return proof
}

// readProofs reads what a certificate needs; none where it needs nothing.
func readProofs(path string, in *Instance, c *Certificate) (proofs, error) {
	p := proofs{in: in, byName: map[string]*Proof{}}
	needed := map[string]bool{proofUnweighted: c.Unweighted != nil}
	for _, t := range c.Tiers {
		needed[proofOfTier(t.Tier)] = true
	}
	if len(needed) == 1 && c.Unweighted == nil {
		return p, nil
	}
	needs, resources := newIndex(in.Needs), newIndex(in.Resources)
	err := readResult(path, []string{"proof", "side", "id", "price"}, func(r *row, line func() int) error {
		if !needed[string(r[0])] {
			return violation("file", "%s:%d: proof is %q, want one of what the certificate has", path, line(), r[0])
		}
		proof := p.of(string(r[0]))
		index, prices := needs, proof.NeedPrice
		switch string(r[1]) {
		case "need":
		case "resource":
			index, prices = resources, proof.ResourcePrice
		default:
			return violation("file", "%s:%d: side is %q, want need or resource", path, line(), r[1])
		}
		place := index.find(r[2])
		if place < 0 {
			return violation("file", "%s:%d: %s %q is not in the input", path, line(), r[1], r[2])
		}
		price, ok := number(r[3])
		if !ok || price < 1 {
			return violation("price", "%s:%d: %s", path, line(), explain("price", r[3], 1))
		}
		if prices[place] != 0 {
			return violation("price", "%s:%d: %s %q has two prices", path, line(), r[1], r[2])
		}
		prices[place] = price
		return nil
	})
	return p, err
}
