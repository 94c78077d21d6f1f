package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inputFiles writes three small tables and returns the flags that name them.
func inputFiles(t *testing.T, edges string) []string {
	t.Helper()
	dir := t.TempDir()
	var flags []string
	for name, text := range map[string]string{
		"needs": "id,quantity\nn1,3\nn2,2\n", "resources": "id,quantity\nr1,2\nr2,2\n", "edges": edges,
	} {
		path := filepath.Join(dir, name+".csv")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		flags = append(flags, "--"+name, path)
	}
	return flags
}

const fourEdges = "need,resource,value\nn1,r1,10\nn1,r2,7\nn2,r1,6\nn2,r2,4\n"

// runCommand runs crg with arguments and returns its output and exit code.
func runCommand(t *testing.T, args ...string) (stdout string, code int, err error) {
	t.Helper()
	root := newRootCommand()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err = root.ExecuteContext(context.Background())
	return out.String(), exitCode(err), err
}

func TestSolveThenVerify(t *testing.T) {
	input := inputFiles(t, fourEdges)
	dir := filepath.Join(t.TempDir(), "out")
	text, code, err := runCommand(t, append([]string{"solve", "--out", dir, "--json"}, input...)...)
	require.NoError(t, err)
	require.Zero(t, code)
	var report map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &report))
	for key, want := range map[string]any{
		"value": 31.0, "bound": 31.0, "gap": 0.0, "optimal": true, "needs": 2.0, "resources": 2.0, "edges": 4.0, "components": 1.0,
	} {
		require.Equal(t, want, report[key], key)
	}
	require.Positive(t, report["peak_rss_bytes"])
	for _, step := range []string{"read", "components", "solve", "verify", "write"} {
		require.Contains(t, report["seconds"], step)
	}
	text, code, err = runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.NoError(t, err)
	require.Zero(t, code)
	require.Contains(t, text, "holds: worth 31; optimal")
	_, _, err = runCommand(t, append([]string{"solve", "--out", filepath.Join(t.TempDir(), "warm"), "--warm-from", dir}, input...)...)
	require.NoError(t, err)
}

func TestVerifyFindsTampering(t *testing.T) {
	input := inputFiles(t, fourEdges)
	dir := filepath.Join(t.TempDir(), "out")
	_, _, err := runCommand(t, append([]string{"solve", "--out", dir}, input...)...)
	require.NoError(t, err)
	path := filepath.Join(dir, "allocation.csv")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), "n1,r1,2", "n1,r1,3", 1)), 0o600))
	_, code, err := runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.Equal(t, 1, code)
	require.ErrorContains(t, err, `resource "r1" gets 3 allocated, but has a quantity of 2`)
	out, code, _ := runCommand(t, append([]string{"verify-run", dir, "--json"}, input...)...)
	require.Equal(t, 1, code)
	require.Contains(t, out, `{"valid":false,"violation":{"rule":"quantity"`)
}

func TestSolveRefusesBadUse(t *testing.T) {
	good := inputFiles(t, fourEdges)
	dir := filepath.Join(t.TempDir(), "out")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no files":           {[]string{"solve", "--out", dir}, "is missing"},
		"no out":             {append([]string{"solve"}, good...), "--out is missing"},
		"unknown flag":       {append([]string{"solve", "--fast"}, good...), "unknown flag"},
		"an argument":        {append([]string{"solve", "here", "--out", dir}, good...), `unexpected argument "here"`},
		"negative workers":   {append([]string{"solve", "--workers", "-1", "--out", dir}, good...), "must not be negative"},
		"wrong deadline":     {append([]string{"solve", "--deadline", "soon", "--out", dir}, good...), "deadline"},
		"wrong number":       {append([]string{"solve", "--out", dir}, inputFiles(t, "need,resource,value\nn1,r1,1.5\n")...), `edges.csv:2: value is "1.5"`},
		"no basis there":     {append([]string{"solve", "--out", dir, "--warm-from", t.TempDir()}, good...), "basis.bin: cannot be read"},
		"out below a file":   {append([]string{"solve", "--out", filepath.Join(good[1], "out")}, good...), "cannot"},
		"verify nothing":     {append([]string{"verify-run"}, good...), "want one result folder"},
		"verify a gone dir":  {append([]string{"verify-run", filepath.Join(dir, "gone")}, good...), "is no result folder"},
		"verify, wrong edge": {append([]string{"verify-run", t.TempDir()}, inputFiles(t, "need,resource\n")...), "edges.csv:1: the header line has no column"},
	} {
		t.Run(name, func(t *testing.T) {
			_, code, err := runCommand(t, c.args...)
			require.Equal(t, 2, code, "%v", err)
			require.ErrorContains(t, err, c.says)
			require.NoDirExists(t, dir)
		})
	}
}

func TestSolveWithinADeadline(t *testing.T) {
	input := inputFiles(t, fourEdges)
	dir := filepath.Join(t.TempDir(), "out")
	_, code, err := runCommand(t, append([]string{"solve", "--out", dir, "--deadline", "1ns"}, input...)...)
	require.NoError(t, err)
	require.Zero(t, code)
	text, _, err := runCommand(t, append([]string{"verify-run", dir}, input...)...)
	require.NoError(t, err, "what a deadline leaves is feasible, and its bound holds")
	require.Contains(t, text, "holds: worth")
}
