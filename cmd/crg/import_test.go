package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/ingest/generate"
)

// runImportCommand runs crg import as a user would.
func runImportCommand(t *testing.T, args ...string) (string, error) {
	t.Helper()
	command := newImportCommand()
	command.SilenceUsage, command.SilenceErrors = true, true
	command.SetArgs(args)
	var out bytes.Buffer
	command.SetOut(&out)
	err := command.ExecuteContext(t.Context())
	return out.String(), err
}

func TestImportCheckSaysWhatWouldBecomeOfTheRows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made, err := generate.Write(t.Context(), dir, generate.Options{Participants: 200, Seed: 5})
	require.NoError(t, err)
	path := filepath.Join(dir, "listings.jsonl")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(content, []byte("{\"id\":\"x\",\"quantity\":-1}\n")...), 0o600))
	rejects := filepath.Join(dir, "rejects.csv")

	out, err := runImportCommand(t, "generated", "--data", dir, "--check", "--rejects", rejects, "--json")
	require.NoError(t, err)
	var counts activities.ImportCounts
	require.NoError(t, json.Unmarshal([]byte(out), &counts))
	listed := int64(made.Resources + made.Needs)
	require.Equal(t, listed, counts.Listing)
	require.Equal(t, listed+1, counts.Read)
	require.EqualValues(t, 1, counts.Rejected)

	written, err := os.ReadFile(rejects)
	require.NoError(t, err)
	require.Contains(t, string(written), "file,line,key,field,value,reason\nlistings.jsonl,")
	require.Contains(t, string(written), ",x,category,,a value is required\n")
}

// Of a workflow that failed people are told why, without the machinery around it.
func TestWhyAnImportFailed(t *testing.T) {
	t.Parallel()
	cause := temporal.NewNonRetryableApplicationError("refused: listings.xlsx: no such file", "Invalid", nil)
	require.Equal(t, "refused: listings.xlsx: no such file", causeOf(fmt.Errorf("workflow execution error: activity error: %w", cause)))
	require.Equal(t, "no server", causeOf(errors.New("no server")))
}

func TestImportRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		code int
		want string
	}{
		"no data":          {[]string{"dc"}, 2, "--data is missing"},
		"unknown profile":  {[]string{"atlantis", "--data", ".", "--check"}, 2, `city "atlantis": want one of akron, dc, generated, harvey, hsds, sheet, or the`},
		"no such folder":   {[]string{"./atlantis", "--data", ".", "--check"}, 2, `city folder "./atlantis": no such folder`},
		"no files":         {[]string{"dc", "--data", "/nowhere", "--check"}, 1, "/nowhere/areas/wards-2012.geojson: no such file"},
		"rejects of a run": {[]string{"dc", "--data", ".", "--rejects", "r.csv"}, 2, "--rejects goes with --check"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := runImportCommand(t, test.args...)
			require.ErrorContains(t, err, test.want)
			require.Equal(t, test.code, exitCode(err))
		})
	}
}
