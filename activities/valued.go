package activities

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/valuation"
)

// StoreMethod keeps a parameter file that is not shipped, so that a valuation can name it. Errors of the file say which
// field is wrong and what would be right. The first file of a version is the version: another one is a blobs.ErrConflict,
// whether or not the first was used by then.
func StoreMethod(ctx context.Context, objects Objects, id city.ID, file string) (*valuation.Parameters, Ref, error) {
	parameters, err := valuation.Load([]byte(file))
	if err != nil {
		return nil, Ref{}, fmt.Errorf("%w: %w", errInvalid, err)
	}
	text, err := json.Marshal(file)
	if err != nil {
		return nil, Ref{}, fmt.Errorf("encode method %s: %w", parameters.Version, err)
	}
	content, err := compress(text)
	if err != nil {
		return nil, Ref{}, fmt.Errorf("compress method %s: %w", parameters.Version, err)
	}
	ref, err := objects.Put(ctx, fmt.Sprintf("%s/methods/%s.json.gz", id, parameters.Version), content)
	return parameters, ref, err
}

// methodOf is the method that a valuation asks for: the one in force, a shipped one, or one that brings its own file.
func (v *Values) methodOf(ctx context.Context, in ValuationRef) (parameters *valuation.Parameters, own string, err error) {
	switch {
	case in.Parameters != nil:
		if err := getJSON(ctx, v.objects, *in.Parameters, &own); err != nil {
			return nil, "", err
		}
		parameters, err = valuation.Load([]byte(own))
	case in.Method == "" || in.Method == v.parameters.Version:
		return v.parameters, "", nil
	default:
		parameters, err = valuation.Method(in.Method)
	}
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", errInvalid, err)
	}
	return parameters, own, nil
}

// method loads what the inputs were valued by and refuses figures that are no longer those.
func (i inputs) method(version, hash string) (*valuation.Parameters, error) {
	load := func() (*valuation.Parameters, error) { return valuation.Method(version) }
	if i.Parameters != "" {
		load = func() (*valuation.Parameters, error) { return valuation.Load([]byte(i.Parameters)) }
	}
	parameters, err := load()
	if err != nil {
		return nil, err
	}
	if parameters.Hash != hash {
		return nil, fmt.Errorf("method %s has other parameters now (%.12s) than when the valuation was made (%.12s)", version, parameters.Hash, hash)
	}
	return parameters, nil
}

// ReadValued reads back what a valuation was computed from: the same method, matches, rules and seed repeat its figures.
func ReadValued(ctx context.Context, objects Objects, record postgres.Valuation) (valuation.Valued, []city.Rule, error) {
	var frozen inputs
	var ref Ref
	err := json.Unmarshal(record.Inputs, &ref)
	switch {
	case err != nil:
	case ref.Key != "":
		err = getJSON(ctx, objects, ref, &frozen)
	default: // a match that was valued at its end keeps its inputs in the record
		frozen.Matches = make([]valuation.Match, 1)
		err = json.Unmarshal(record.Inputs, &frozen.Matches[0])
	}
	if err != nil {
		return valuation.Valued{}, nil, fmt.Errorf("inputs of valuation %s: %w", record.ID, err)
	}
	parameters, err := frozen.method(record.Method, record.ParametersSHA256)
	if err != nil {
		return valuation.Valued{}, nil, fmt.Errorf("valuation %s: %w", record.ID, err)
	}
	return valuation.Valued{
		Parameters: parameters, Matches: frozen.Matches,
		Recorded: &valuation.Recorded{Formulas: record.Formulas, NSV: record.NSVMinor},
	}, frozen.Rules, nil
}
