package edgelist

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/certificate"
	"github.com/city-resource-graph/crg/matching/fairness"
)

// MostWeight is the largest weight of a need. A weight of 1 leaves values as they are.
const MostWeight = 1000

// million is the parts in which weights count, as in the scoring of a run.
const million = 1_000_000

// weight reads a number from 0 to MostWeight with at most six decimals, in millionths.
func weight(text []byte) (millionths int64, ok bool) {
	whole, fraction, pointed := strings.Cut(string(text), ".")
	if len(whole) == 0 || len(whole) > 4 || pointed && len(fraction) == 0 || len(fraction) > 6 {
		return 0, false
	}
	n, ok := number([]byte(whole + fraction + "000000"[len(fraction):]))
	return n, ok && whole[0] != '-' && n <= MostWeight*million
}

// Unweighted is what a result comes to whose values count by the needs' weights. Everything else in its certificate counts
// by weight.
type Unweighted struct {
	Value int64 `json:"value"` // what the allocation is worth without weights
	Bound int64 `json:"bound"` // no allocation is worth more without weights
}

// WeightError is a value that is too large by its need's weight.
type WeightError struct {
	Need, Resource string
	Value, Weight  int64 // in millionths
}

func (e *WeightError) Error() string {
	return fmt.Sprintf("value is %d, too large for the weight %s of need %q: want at most %d, which makes 2^40",
		e.Value, fairness.WeightText(e.Weight), e.Need, mostValue(e.Weight))
}

// mostValue is the largest value that a weight of more than 1 makes no larger than a problem may hold.
func mostValue(weight int64) int64 {
	return ((matching.MaxMagnitude+1)*million - million/2 - 1) / weight
}

// Weighted is the instance whose values count by the needs' weights: value x weight, rounded half up to whole minor units,
// as a run weighs. Charges are not weighed. A value that gets too large is a *WeightError.
func (in *Instance) Weighted() (*Instance, error) {
	weighted, p := *in, *in.Problem
	p.Edges = slices.Clone(p.Edges)
	for i, weight := range in.Weights {
		for k := p.RowStart[i]; k < p.RowStart[i+1] && weight != million; k++ {
			e := &p.Edges[k]
			if weight > million && max(e.Value, -e.Value) > mostValue(weight) {
				return nil, &WeightError{in.Needs[i], in.Resources[e.Resource], e.Value, weight}
			}
			e.Value = roundMillion(e.Value * weight)
		}
	}
	weighted.Problem, weighted.Unweighted = &p, in.Problem
	return &weighted, nil
}

// roundMillion divides by a million, half up, in both signs alike.
func roundMillion(x int64) int64 {
	x += million / 2
	if x < 0 {
		return -((-x + million - 1) / million)
	}
	return x / million
}

// Weigh is Weighted for input that was just read. Its error is an *InputError and names the line.
func Weigh(in *Instance, f Files) (*Instance, error) {
	weighted, err := in.Weighted()
	var large *WeightError
	if errors.As(err, &large) {
		return nil, &InputError{File: f.Edges, Line: lineOf(f.Edges, large), Problem: large.Error()}
	}
	return weighted, err
}

// lineOf looks for the edge once more; 0 if its file cannot be read a second time.
func lineOf(path string, e *WeightError) (found int) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return 0
	}
	t, err := openTable(path, []string{"need", "resource", "value"}, []string{"charge"})
	if err != nil {
		return 0
	}
	_ = t.each(func(r *row, line func() int) error {
		value, _ := number(r[2]) // 007 is 7
		if found == 0 && value == e.Value && string(r[0]) == e.Need && string(r[1]) == e.Resource {
			found = line()
		}
		return nil
	})
	return found
}

// weighed is the instance that a result was found for, once what its certificate says of weights was checked.
func (in *Instance) weighed(c *Certificate, claim *certificate.Claim, proofs proofs) (*Instance, error) {
	if c.Unweighted == nil {
		return in, nil
	}
	if in.Weights == nil {
		return nil, violation("weight", "%s: values count by weight, but the table of needs has no column weight", CertificateFile)
	}
	weighted, err := in.Weighted()
	if err != nil {
		return nil, violation("weight", "%s", err)
	}
	proof := proofs.of(proofUnweighted)
	plain := &certificate.Claim{
		Flows: claim.Flows, NeedPrice: proof.NeedPrice, ResourcePrice: proof.ResourcePrice,
		Value: c.Unweighted.Value, Bound: c.Unweighted.Bound, Optimal: c.Unweighted.Value == c.Unweighted.Bound,
	}
	var v *Violation
	if err := in.Check(plain); errors.As(err, &v) {
		return nil, violation(v.Rule, "without weights: %s", v.Message)
	}
	return weighted, nil
}
