package edgelist

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/certificate"
)

// encode writes the absolute paths of the tables, so that a result can be explained without naming them again.
func (f Files) encode() ([]byte, error) {
	paths := [...]string{f.Needs, f.Resources, f.Edges}
	for k := range paths {
		path, err := filepath.Abs(paths[k])
		if err != nil {
			return nil, err
		}
		paths[k] = path
	}
	absolute := Files{Needs: paths[0], Resources: paths[1], Edges: paths[2]}
	text, err := json.MarshalIndent(absolute, "", "  ")
	return append(text, '\n'), err
}

// FilesOf says where the input of a result folder was read from; errors are *InputError. The folder that a matching run
// leaves holds its input.
func FilesOf(dir string) (Files, error) {
	path := filepath.Join(dir, InputsFile)
	text, err := os.ReadFile(path)
	if err != nil {
		beside := Files{filepath.Join(dir, NeedsFile), filepath.Join(dir, ResourcesFile), filepath.Join(dir, EdgesFile)}
		if _, missing := os.Stat(beside.Edges); missing == nil {
			return beside, nil
		}
		return Files{}, &InputError{File: path, Problem: "cannot be read: " + cause(err) + "; name the tables of the input"}
	}
	var f Files
	if err := json.Unmarshal(text, &f); err != nil {
		return Files{}, &InputError{File: path, Problem: "is not what crg solve wrote: " + err.Error()}
	}
	return f, nil
}

// Load reads a result folder with its input and verifies that they belong together. Where it counts by weight or has
// floors, problem and solution hold weights and bonuses. Errors of the input are *InputError, those of the result *Violation.
func Load(dir string, f Files) (*Instance, *matching.Solution, error) {
	if err := CheckResultFolder(dir); err != nil {
		return nil, nil, err
	}
	in, err := Read(f, 0)
	if err != nil {
		return nil, nil, err
	}
	c, err := Verify(dir, in)
	if err != nil {
		return nil, nil, err
	}
	claim := &certificate.Claim{}
	if err := errors.Join(readAllocation(filepath.Join(dir, AllocationFile), in, claim),
		readPrices(filepath.Join(dir, PricesFile), in, claim)); err != nil {
		return nil, nil, err
	}
	claim.Value, claim.Bound, claim.Optimal = c.Value, c.Bound, c.Optimal
	if c.Unweighted != nil {
		if in, err = in.Weighted(); err != nil {
			return nil, nil, err
		}
	}
	if len(c.Floors) > 0 {
		if in, err = in.reward(c, claim); err != nil {
			return nil, nil, err
		}
	}
	in.InOrder = len(c.Tiers) > 0
	s := &matching.Solution{
		NeedPrice: claim.NeedPrice, ResourcePrice: claim.ResourcePrice, Value: claim.Value, Bound: claim.Bound, Optimal: claim.Optimal,
	}
	for _, flow := range claim.Flows {
		s.Flow = append(s.Flow, matching.EdgeFlow{Edge: flow.Edge, Need: int32(in.needOf(flow.Edge)), Quantity: flow.Quantity})
	}
	// It is where a search begins and no part of the proof: the folder that a matching run leaves has none, and one that is
	// damaged is as good as none.
	s.Basis, _ = ReadBasis(dir, in)
	return in, s, nil
}

// NeedIndex finds a need by its id, ResourceIndex a resource.
func (in *Instance) NeedIndex(id string) (int32, bool) { return find(in.Needs, id) }

// ResourceIndex finds a resource by its id.
func (in *Instance) ResourceIndex(id string) (int32, bool) { return find(in.Resources, id) }

func find(ids []string, id string) (int32, bool) {
	k := newIndex(ids).find([]byte(id))
	return k, k >= 0
}
