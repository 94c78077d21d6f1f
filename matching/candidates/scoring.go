package candidates

import (
	"bytes"
	_ "embed"
	"fmt"
	"math"

	"go.yaml.in/yaml/v3"

	"github.com/city-resource-graph/crg/city"
)

// Scoring is the versioned configuration of the score. With neutral weights (all 1, no equity, no stability) a score is
// the expected net social value of one unit, before its trip.
type Scoring struct {
	ID       string        `yaml:"id" json:"id"`             // name@version; a changed figure is a new version
	Currency city.Currency `yaml:"currency" json:"currency"` // empty: whatever the snapshot is in

	Urgency UrgencyWeights `yaml:"urgency" json:"urgency"`
	Equity  Equity         `yaml:"equity" json:"equity"`
	// Success is the chance of a hand-over, by leaf, else class, else "default"; nothing stated is 1. Unit values of package
	// valuation are expected values and hold it already.
	Success map[string]float64 `yaml:"success" json:"success"`

	Stability float64 `yaml:"stability" json:"stability"` // share of its score that an open proposal gains, so that runs do not churn

	MaxAffinity  int64 `yaml:"max_affinity" json:"max_affinity"`     // minor units per unit that full trust in the graph adds; 0 = the graph is not asked
	PerNeed      int   `yaml:"per_need" json:"per_need"`             // candidates kept per need where not all are; 0 = 64
	KeepAllBelow int64 `yaml:"keep_all_below" json:"keep_all_below"` // nothing is cut while needs x resources by category stay below; 0 = 20 million
}

// UrgencyWeights multiply the unit value by the need's tier.
type UrgencyWeights struct {
	Critical float64 `yaml:"critical" json:"critical"`
	High     float64 `yaml:"high" json:"high"`
	Normal   float64 `yaml:"normal" json:"normal"`
}

// Equity weighs needs by the income of their ward: (reference / median income)^elasticity, at most Cap. Elasticity 0
// switches it off. The US draft Circular A-4 of 2023 used 1.4, the UK Green Book uses 1.3.
type Equity struct {
	Elasticity float64 `yaml:"elasticity" json:"elasticity"`
	Cap        float64 `yaml:"cap" json:"cap"` // 0 = 3
}

//go:embed neutral.yaml
var neutralYAML []byte

// NeutralScoring is the configuration that a city starts with: every unit of expected net social value counts the same.
func NeutralScoring() Scoring {
	s, err := ParseScoring(neutralYAML)
	if err != nil {
		panic("neutral.yaml is part of the program: " + err.Error())
	}
	return s
}

// ParseScoring reads a scoring configuration and refuses keys that it does not know.
func ParseScoring(data []byte) (Scoring, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var s Scoring
	if err := decoder.Decode(&s); err != nil {
		return Scoring{}, fmt.Errorf("scoring configuration: %w", err)
	}
	return s, s.Validate()
}

// Validate names the first figure that makes no sense.
func (s Scoring) Validate() error {
	if s.ID == "" {
		return fmt.Errorf("scoring configuration without an id (name@version)")
	}
	if s.Urgency == (UrgencyWeights{}) {
		return fmt.Errorf("scoring %s: urgency weights are missing, so that nothing would be worth anything; neutral is 1 for each tier", s.ID)
	}
	// Each range is written so that not a number fails it, too.
	for tier, weight := range []float64{s.Urgency.Critical, s.Urgency.High, s.Urgency.Normal} {
		if !(weight >= 0 && weight <= 1000) {
			return fmt.Errorf("scoring %s: urgency weight of tier %d is %v, want 0..1000", s.ID, tier+1, weight)
		}
	}
	for key, chance := range s.Success {
		if !(chance >= 0 && chance <= 1) {
			return fmt.Errorf("scoring %s: success of %s is %v, want 0..1", s.ID, key, chance)
		}
	}
	if !(s.Stability >= 0 && s.Stability <= 1) {
		return fmt.Errorf("scoring %s: stability is %v, want 0..1", s.ID, s.Stability)
	}
	if e := s.Equity; !(e.Elasticity >= 0 && e.Elasticity <= 5) || !(e.Cap >= 0 && e.Cap <= 1000) {
		return fmt.Errorf("scoring %s: equity elasticity %v (want 0..5), cap %v (want 0..1000)", s.ID, e.Elasticity, e.Cap)
	}
	if s.MaxAffinity < 0 || s.MaxAffinity > maxUnitValue || s.PerNeed < 0 || s.KeepAllBelow < 0 {
		return fmt.Errorf("scoring %s: max_affinity, per_need and keep_all_below must not be negative or huge", s.ID)
	}
	return nil
}

// WardWeights turns median incomes into equity weights for a snapshot; the reference is the city's own income. A ward
// without a known income is not listed and weighs 1.
func (e Equity) WardWeights(reference float64, incomeByWard map[string]float64) []WardWeight {
	if e.Elasticity == 0 || reference <= 0 {
		return nil
	}
	limit := e.Cap
	if limit == 0 {
		limit = 3
	}
	var weights []WardWeight
	for ward, income := range incomeByWard {
		if income > 0 {
			weight := min(math.Pow(reference/income, e.Elasticity), limit)
			weights = append(weights, WardWeight{Ward: ward, Millionth: millionths(weight)})
		}
	}
	sortWards(weights)
	return weights
}

func (s *Scoring) urgencyWeight(u city.Urgency) int64 {
	switch u {
	case city.Critical:
		return millionths(s.Urgency.Critical)
	case city.High:
		return millionths(s.Urgency.High)
	default:
		return millionths(s.Urgency.Normal)
	}
}

// success is the chance, in millionths, that an approved match of the leaf is handed over.
func (s *Scoring) success(leaf city.Leaf) int64 {
	for _, key := range []string{string(leaf), string(leaf.Class()), "default"} {
		if chance, stated := s.Success[key]; stated {
			return millionths(chance)
		}
	}
	return million
}

func millionths(x float64) int64 { return int64(math.Round(x * float64(million))) }
