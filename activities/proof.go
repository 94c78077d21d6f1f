package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

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
	tables, err := edgelist.Tables(found.arranged(s))
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

// arranged is the run's problem and solution with the listings' ids, in the order of the tables.
func (i *instance) arranged(s *matching.Solution) (*edgelist.Instance, *matching.Solution) {
	var needs, resources []string
	for k := range i.snapshot.Needs {
		needs = append(needs, string(i.snapshot.Needs[k].ID))
	}
	for k := range i.snapshot.Resources {
		resources = append(resources, string(i.snapshot.Resources[k].ID))
	}
	return edgelist.Arranged(needs, resources, &i.graph.Problem, s)
}

// VerifyCommands are the commands by which anybody repeats the proof of a run from what it left in object storage: that
// the prices prove the bound, and that nothing the candidates left out could exceed it. Where the storage is not a folder
// of this machine, they say what to copy first.
func VerifyCommands(snapshot json.RawMessage, tables string) ([]string, error) {
	var ref Ref
	if err := json.Unmarshal(snapshot, &ref); err != nil {
		return nil, fmt.Errorf("snapshot of the run: %w", err)
	}
	if tables == "" {
		return nil, nil // too large to be kept as tables; snapshot and certificate hold everything
	}
	var commands []string
	folder, file := tables, ref.Key
	if base, err := url.Parse(ref.URI); err == nil && base.Scheme == "file" {
		folder, file = path.Join(base.Path, tables), path.Join(base.Path, ref.Key)
	} else {
		commands = append(commands, fmt.Sprintf("# from %s copy %s and %s", ref.URI, tables, ref.Key))
	}
	at := func(name string) string { return path.Join(folder, name) }
	return append(commands, strings.Join([]string{
		"crg verify-run " + folder, "--needs " + at(edgelist.NeedsFile), "--resources " + at(edgelist.ResourcesFile),
		"--edges " + at(edgelist.EdgesFile), "--snapshot " + file,
	}, " ")), nil
}
