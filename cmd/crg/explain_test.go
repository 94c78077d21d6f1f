package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

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
}

func TestExplainCommandRefuses(t *testing.T) {
	t.Parallel()
	dir, tables := solvedFolder(t)
	for name, args := range map[string][]string{
		"no folder":        {filepath.Join(dir, "none"), "--need", "pantry"},
		"no need":          {dir},
		"unknown need":     {dir, "--need", "nobody"},
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
