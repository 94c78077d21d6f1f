package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching"
)

// mostTableEdges is the number of candidates up to which the tables of a proof are kept: about 300 MB of text. Beyond,
// snapshot and certificate still hold everything.
const mostTableEdges = 4_000_000

// keepTables stores a run's problem and result as the plain tables by which crg verify-run repeats the proof, and
// returns their folder in the bucket. The folder's name holds a hash of them, as that of every object does.
func (e *Engine) keepTables(ctx context.Context, in RunRef, found instance, s *matching.Solution) (string, error) {
	if found.graph.Candidates() > mostTableEdges {
		return "", nil
	}
	tables, err := edgelist.Tables(found.table(), s)
	if err != nil {
		return "", err
	}
	names := slices.Sorted(maps.Keys(tables))
	hash := sha256.New()
	for _, name := range names {
		hash.Write(tables[name])
	}
	folder := runFolder(in) + "/proof-" + hex.EncodeToString(hash.Sum(nil)[:6])
	for _, name := range names {
		if _, err := e.Objects.Put(ctx, folder+"/"+name, tables[name]); err != nil {
			return "", err
		}
	}
	return folder, nil
}

// table is the run's problem with the listings' ids, its rows in ascending order.
func (i *instance) table() *edgelist.Instance {
	t := &edgelist.Instance{Problem: &i.graph.Problem}
	for k := range i.snapshot.Needs {
		t.Needs = append(t.Needs, string(i.snapshot.Needs[k].ID))
	}
	for k := range i.snapshot.Resources {
		t.Resources = append(t.Resources, string(i.snapshot.Resources[k].ID))
	}
	return t
}
