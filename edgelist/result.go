package edgelist

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/city-resource-graph/crg/matching/certificate"
)

// Violation says what is wrong with a result, in terms of its files and ids.
type Violation struct {
	Rule    string `json:"rule"` // one of package certificate's, or "file", "price missing", "gap", "config", "input"
	Message string `json:"message"`
}

func (v *Violation) Error() string { return v.Message }

func violation(rule, format string, args ...any) *Violation {
	return &Violation{Rule: rule, Message: fmt.Sprintf(format, args...)}
}

// Verify checks the result folder dir against the instance that it is claimed to solve. It returns the certificate if
// all of it holds, else a *Violation that names the first thing that does not.
func Verify(dir string, in *Instance) (*Certificate, error) {
	path := filepath.Join(dir, CertificateFile)
	c, text, err := readCertificate(path)
	if err != nil {
		return nil, err
	}
	claim := &certificate.Claim{Value: c.Value, Bound: c.Bound, Optimal: c.Optimal}
	if err := readAllocation(filepath.Join(dir, AllocationFile), in, claim); err != nil {
		return nil, err
	}
	if err := readPrices(filepath.Join(dir, PricesFile), in, claim); err != nil {
		return nil, err
	}
	proofs, err := readProofs(filepath.Join(dir, ProofsFile), in, c)
	if err != nil {
		return nil, err
	}
	weighed, err := in.weighed(c, claim, proofs)
	if err != nil {
		return nil, err
	}
	rewarded := weighed
	if len(c.Floors) > 0 {
		if rewarded, err = weighed.reward(c, claim); err != nil {
			return nil, err
		}
	}
	if len(c.Tiers) > 0 {
		if err := weighed.checkTiers(c, claim, proofs); err != nil {
			return nil, err
		}
	}
	if err := rewarded.Check(claim); err != nil {
		return nil, err
	}
	if c.Gap != c.Bound-c.Value {
		return nil, violation("gap", "%s: gap is claimed to be %d, but is %d", CertificateFile, c.Gap, c.Bound-c.Value)
	}
	if charged := in.Problem.Charges != nil; c.Config.Charges != charged {
		return nil, violation("config", "%s: says that charges are %v, in the table of edges it is %v", CertificateFile, c.Config.Charges, charged)
	}
	if digest := in.Digest(); c.InputSHA256 != digest {
		return nil, violation("input", "%s: is of another input: input_sha256 is %s, that of this input %s",
			CertificateFile, c.InputSHA256, digest)
	}
	if err := c.writtenAs(text, path); err != nil {
		return nil, err
	}
	return c, nil
}

// Check runs the independent checker on a claim and puts what it finds into terms of ids.
func (in *Instance) Check(claim *certificate.Claim) error {
	p := in.Problem
	err := certificate.Check(&certificate.Instance[edge]{
		NeedQuantity: p.NeedQuantity, ResourceQuantity: p.ResourceQuantity,
		RowStart: p.RowStart, Edges: p.Edges, Charges: p.Charges,
	}, claim)
	var v *certificate.Violation
	if errors.As(err, &v) {
		return violation(string(v.Rule), "%s", in.describe(v, claim))
	}
	return err
}

// describe names needs and resources by their ids.
func (in *Instance) describe(v *certificate.Violation, claim *certificate.Claim) string {
	name := func(side string, index int) string {
		if side == "need" {
			return fmt.Sprintf("need %q", in.Needs[index])
		}
		return fmt.Sprintf("resource %q", in.Resources[index])
	}
	switch v.Rule {
	case certificate.RulePrice:
		return fmt.Sprintf("the price of %s is %d, want >= 0", name(v.What, v.Index), v.Got)
	case certificate.RuleFlowQuantity:
		edge := claim.Flows[v.Index].Edge
		return fmt.Sprintf("the quantity of need %q and resource %q is %d, want > 0",
			in.Needs[in.needOf(edge)], in.Resources[in.Problem.Edges[edge].Resource], v.Got)
	case certificate.RuleQuantity:
		return fmt.Sprintf("%s gets %d allocated, but has a quantity of %d", name(v.What, v.Index), v.Got, v.Limit)
	case certificate.RuleEdge:
		return fmt.Sprintf("the edge of need %q and resource %q is worth %d, more than its prices %d + %d",
			in.Needs[v.Need], in.Resources[v.Resource], v.Got, v.NeedPrice, v.ResourcePrice)
	default:
		return v.Error()
	}
}

// needOf returns the need in whose row an edge stands.
func (in *Instance) needOf(edge int32) int {
	at, _ := slices.BinarySearch(in.Problem.RowStart, edge+1)
	return at - 1
}

func readCertificate(path string) (c *Certificate, text []byte, err error) {
	if text, err = os.ReadFile(path); err != nil {
		return nil, nil, violation("file", "%s: cannot be read: %s", path, cause(err))
	}
	c = &Certificate{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		return nil, nil, violation("file", "%s: %s", path, err)
	}
	return c, text, nil
}

func readAllocation(path string, in *Instance, claim *certificate.Claim) error {
	needs, resources := newIndex(in.Needs), newIndex(in.Resources)
	err := readResult(path, []string{"need", "resource", "quantity"}, func(r *row, line func() int) error {
		need, resource := needs.find(r[0]), resources.find(r[1])
		if need < 0 || resource < 0 {
			return violation("file", "%s:%d: need %q or resource %q is not in the input", path, line(), r[0], r[1])
		}
		quantity, ok := number(r[2])
		if !ok {
			return violation("file", "%s:%d: %s", path, line(), explain("quantity", r[2], 1))
		}
		at, ok := in.edgeOf(need, resource)
		if !ok {
			return violation("flow edge", "%s:%d: need %q and resource %q have no edge", path, line(), r[0], r[1])
		}
		claim.Flows = append(claim.Flows, certificate.Flow{Edge: at, Quantity: quantity})
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(claim.Flows, func(a, b certificate.Flow) int { return int(a.Edge) - int(b.Edge) })
	for k := 1; k < len(claim.Flows); k++ {
		if at := claim.Flows[k].Edge; at == claim.Flows[k-1].Edge {
			return violation("flow edge", "%s: need %q and resource %q occur twice", path,
				in.Needs[in.needOf(at)], in.Resources[in.Problem.Edges[at].Resource])
		}
	}
	return nil
}

func readPrices(path string, in *Instance, claim *certificate.Claim) error {
	needs, resources := newIndex(in.Needs), newIndex(in.Resources)
	claim.NeedPrice, claim.ResourcePrice = unpriced(len(in.Needs)), unpriced(len(in.Resources))
	err := readResult(path, []string{"side", "id", "price"}, func(r *row, line func() int) error {
		index, prices := needs, claim.NeedPrice
		switch string(r[0]) {
		case "need":
		case "resource":
			index, prices = resources, claim.ResourcePrice
		default:
			return violation("file", "%s:%d: side is %q, want need or resource", path, line(), r[0])
		}
		place := index.find(r[1])
		if place < 0 {
			return violation("file", "%s:%d: %s %q is not in the input", path, line(), r[0], r[1])
		}
		price, ok := number(r[2])
		if !ok || price < 0 {
			return violation("price", "%s:%d: %s", path, line(), explain("price", r[2], 0))
		}
		if prices[place] != missing {
			return violation("price", "%s:%d: %s %q has two prices", path, line(), r[0], r[1])
		}
		prices[place] = price
		return nil
	})
	if err != nil {
		return err
	}
	if k := slices.Index(claim.NeedPrice, missing); k >= 0 {
		return violation("price missing", "%s: need %q has no price", path, in.Needs[k])
	}
	if k := slices.Index(claim.ResourcePrice, missing); k >= 0 {
		return violation("price missing", "%s: resource %q has no price", path, in.Resources[k])
	}
	return nil
}

const missing = -1

func unpriced(n int) []int64 {
	prices := make([]int64, n)
	for k := range prices {
		prices[k] = missing
	}
	return prices
}

// readResult reads a table of a result folder; whatever is wrong with it is a finding.
func readResult(path string, columns []string, do func(r *row, line func() int) error) error {
	t, err := openTable(path, columns, nil)
	if err == nil {
		err = t.each(do)
	}
	var input *InputError
	if errors.As(err, &input) {
		return violation("file", "%s", input.Error())
	}
	return err
}

// CheckResultFolder tells a folder that cannot be looked into from a result with faults; errors are *InputError.
func CheckResultFolder(dir string) error {
	if _, err := os.ReadDir(dir); err != nil {
		return &InputError{File: dir, Problem: "is no result folder: " + cause(err)}
	}
	return nil
}
