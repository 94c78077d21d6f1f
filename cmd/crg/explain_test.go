package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/explain"
)

// runQuietly runs a command as a user would and returns what it printed.
func runQuietly(t *testing.T, command *cobra.Command, args ...string) (string, error) {
	t.Helper()
	command.SilenceUsage, command.SilenceErrors = true, true
	command.SetArgs(args)
	var out bytes.Buffer
	command.SetOut(&out)
	err := command.ExecuteContext(t.Context())
	return out.String(), err
}

// solvedFolder solves a small problem: two needs want the one good resource.
func solvedFolder(t *testing.T) (dir string, tables []string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range map[string]string{
		"needs.csv": "id,quantity\nbakery,8\npantry,4\nidle,0\n", "resources.csv": "id,quantity\nvan,5\nhall,3\n",
		"edges.csv": "need,resource,value\nbakery,van,10\nbakery,hall,9\npantry,van,7\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	tables = []string{
		"--needs", filepath.Join(dir, "needs.csv"), "--resources", filepath.Join(dir, "resources.csv"),
		"--edges", filepath.Join(dir, "edges.csv"),
	}
	_, err := runQuietly(t, newSolveCommand(), append(tables, "--out", filepath.Join(dir, "out"))...)
	require.NoError(t, err)
	return filepath.Join(dir, "out"), tables
}

func TestExplainCommand(t *testing.T) {
	t.Parallel()
	dir, _ := solvedFolder(t)
	out, err := runQuietly(t, newExplainCommand(), dir, "--need", "pantry")
	require.NoError(t, err)
	require.Equal(t, "pantry gets 0 of 4 and was outbid for the rest. Closest was van: a unit is worth 7 to it, but 10 to the others, "+
		"so it was 3 short; it went to bakery (5).\n", out)

	out, err = runQuietly(t, newExplainCommand(), dir, "--need", "pantry", "--resource", "van", "--json")
	require.NoError(t, err)
	var pair explain.Pair
	require.NoError(t, json.Unmarshal([]byte(out), &pair))
	require.Equal(t, explain.NotMatched, pair.Status)
	require.Equal(t, int64(3), *pair.LossExact)

	out, err = runQuietly(t, newExplainCommand(), dir, "--need", "idle")
	require.NoError(t, err)
	require.Equal(t, "idle wants nothing any more.\n", out)

	// The basis is no part of the proof.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "basis.bin"), []byte("damaged"), 0o600))
	out, err = runQuietly(t, newExplainCommand(), dir, "--need", "idle")
	require.NoError(t, err)
	require.Equal(t, "idle wants nothing any more.\n", out)
}

func TestExplainCommandRefuses(t *testing.T) {
	t.Parallel()
	dir, tables := solvedFolder(t)
	for name, args := range map[string][]string{
		"no folder":        {filepath.Join(dir, "none"), "--need", "pantry"},
		"no need":          {dir},
		"unknown need":     {dir, "--need", "nobody"},
		"no snapshot":      {dir, "--need", "pantry", "--snapshot", filepath.Join(dir, "none.json")},
		"no true snapshot": {dir, "--need", "pantry", "--snapshot", filepath.Join(dir, "certificate.json")},
		"unknown resource": {dir, "--need", "pantry", "--resource", "nothing"},
		"missing table":    {dir, "--need", "pantry", "--edges", filepath.Join(dir, "moved.csv")},
	} {
		_, err := runQuietly(t, newExplainCommand(), args...)
		require.Equal(t, 2, exitCode(err), "%s: %v", name, err)
	}
	// A table that changed since is no bad usage: the result does not hold for it.
	require.NoError(t, os.WriteFile(tables[5], []byte("need,resource,value\nbakery,van,11\n"), 0o600))
	_, err := runQuietly(t, newExplainCommand(), dir, "--need", "pantry")
	require.Equal(t, 1, exitCode(err))
	require.Error(t, errors.Unwrap(err))

	require.NoError(t, os.Remove(filepath.Join(dir, "inputs.json")))
	_, err = runQuietly(t, newExplainCommand(), dir, "--need", "pantry")
	require.ErrorContains(t, err, "name the tables of the input")
}

// Whoever mistakes an id is told what is near, or that it is one of the other side.
func TestExplainCommandNamesWhatIsMeant(t *testing.T) {
	t.Parallel()
	dir, _ := solvedFolder(t)
	for says, args := range map[string][]string{
		`there is no such need in the input; did you mean "pantry"?`:                                       {"--need", "pantri"},
		`--need "van": there is no such need in the input: it is on the other side, --need and --resource`: {"--need", "van"},
		`--resource "idle": there is no such resource in the input: it is on the other side`:               {"--need", "pantry", "--resource", "idle"},
		`--need "zzzzzzzzz": there is no such need in the input`:                                           {"--need", "zzzzzzzzz"},
	} {
		_, err := runQuietly(t, newExplainCommand(), append(args, dir)...)
		require.Equal(t, 2, exitCode(err))
		require.ErrorContains(t, err, says)
	}
}

// A run's proof folder is explained from its snapshot: filters, parts of the score and money are those of the city.
func TestExplainARun(t *testing.T) {
	t.Parallel()
	s := villageSnapshot()
	lonely := slices.IndexFunc(s.Needs, func(l candidates.Listing) bool { return l.ID == "l1" })
	s.Needs[lonely].Need.MaxDistanceMetres, s.Needs[lonely].Left = 1, 9
	pinned := s.Needs[(lonely+1)%len(s.Needs)].ID
	s.Pins = []candidates.Pin{{Resource: s.Resources[0].ID, Need: pinned, Kind: candidates.PinForbidden}}
	s.Canonicalise()
	g, err := candidates.Generate(t.Context(), s, candidates.Options{})
	require.NoError(t, err)
	solution, err := g.Solve(t.Context(), matching.Options{})
	require.NoError(t, err)
	dir, snapshot, _ := proofFolder(t, s, g, solution)

	out, err := runQuietly(t, newExplainCommand(), dir, "--need", "l1", "--snapshot", snapshot)
	require.NoError(t, err)
	require.Equal(t, "l1 has no candidate. Of 40 resources, 40 are farther away than the need accepts; the last to fall away is "+
		"farther away than the need accepts.\n", out)
	out, err = runQuietly(t, newExplainCommand(), dir, "--need", string(pinned), "--resource", string(s.Resources[0].ID), "--snapshot", snapshot)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("%s is no candidate for %s: it was rejected for this need before.\n", s.Resources[0].ID, pinned), out)

	// Every pair that was matched is told as the engine tells it, whatever the order of the tables.
	for _, f := range solution.Flow {
		resource := g.Edges[f.Edge].Resource
		out, err := runQuietly(t, newExplainCommand(), dir, "--json", "--snapshot", snapshot,
			"--need", string(s.Needs[f.Need].ID), "--resource", string(s.Resources[resource].ID))
		require.NoError(t, err)
		var pair explain.Pair
		require.NoError(t, json.Unmarshal([]byte(out), &pair))
		require.Equal(t, explain.Matched, pair.Status)
		require.Equal(t, "USD", pair.Currency)
		require.Equal(t, f.Quantity, pair.Quantity)
		require.Equal(t, pair.Parts.Score, pair.Value)
		require.Equal(t, solution.NeedPrice[f.Need], pair.NeedPrice)
		require.Equal(t, solution.ResourcePrice[resource], pair.ResourcePrice)
		require.Contains(t, pair.Sentence, city.FormatMinor(pair.Net, "USD")+" USD in all after a trip of")
	}

	other := villageSnapshot()
	_, err = runQuietly(t, newExplainCommand(), dir, "--need", "l1", "--snapshot", writeSnapshot(t, other))
	require.Equal(t, 1, exitCode(err))
	require.ErrorContains(t, err, "is not the input of")
}

// Lots and tiers of a snapshot are known to the answers.
func TestExplainARunWithLots(t *testing.T) {
	t.Parallel()
	s := villageSnapshot()
	for k := range s.Resources {
		s.Resources[k].Resource.Divisible = k%3 > 0
	}
	s.Tiers = true
	g, err := candidates.Generate(t.Context(), s, candidates.Options{})
	require.NoError(t, err)
	require.NotNil(t, g.Lots)
	solution, err := g.Solve(t.Context(), matching.Options{})
	require.NoError(t, err)
	dir, snapshot, _ := proofFolder(t, s, g, solution)
	in, loaded, err := loadResult(dir, edgelist.Files{})
	require.NoError(t, err)
	o, err := originOf(t.Context(), dir, snapshot, in)
	require.NoError(t, err)
	c := o.explained(in, loaded)
	require.Equal(t, g.Lots, c.Lots)
	require.Equal(t, g.Tier, c.Tier)
	require.Equal(t, g.Edges, c.Problem.Edges)
	require.Equal(t, g.Charges, c.Problem.Charges)
	require.Equal(t, solution.Flow, c.Solution.Flow)
}
