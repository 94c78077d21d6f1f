//go:build clients

package clients_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/apitest"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// Each client's example starts a run and approves a match, on the real API with workers behind it.
func TestExamplesStartARunAndApproveAMatch(t *testing.T) {
	t.Parallel()
	python := os.Getenv("CRG_PYTHON")
	require.NotEmpty(t, python, "CRG_PYTHON is not set: run `make test-clients`")
	for name, command := range map[string][]string{
		"typescript": {"node", "dist/example.js"},
		"python":     {python, "example.py"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.Imported(t, 200)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			example := exec.CommandContext(ctx, command[0], command[1:]...)
			example.Dir = name
			example.Env = append(os.Environ(), "CRG_API="+w.Base,
				"CRG_MATCHER_KEY="+w.Key("max", "", city.Matcher), "CRG_APPROVER_KEY="+w.Key("ada", "", city.Approver))
			output, err := example.CombinedOutput()
			require.NoError(t, err, "%s", output)
			t.Logf("%s", output)

			runs, _, err := w.Store.ListRuns(t.Context(), w.ID, postgres.Page{Limit: 10})
			require.NoError(t, err)
			require.Len(t, runs, 1)
			matches, _, err := w.Store.RunMatches(t.Context(), w.ID, runs[0].ID, postgres.Page{Limit: 500})
			require.NoError(t, err)
			signed := 0
			for _, m := range matches {
				decisions, err := w.Store.Decisions(t.Context(), w.ID, m.ID)
				require.NoError(t, err)
				for _, d := range decisions {
					if d.Actor == "ada" && d.Kind == city.DecisionApprove && d.Outcome == city.DecisionApplied {
						signed++
					}
				}
			}
			require.Equal(t, 1, signed, "what the example said was taken")
		})
	}
}
