//go:build study

package charges_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
)

// TestAgainstHiGHS compares with the mixed-integer solver HiGHS. The bound is never below the best
// known value, no allocation above it, and on average an allocation loses at most half a per cent of it. It needs a Python
// with scipy, named by the environment variable HIGHS_PYTHON; make study-charges installs one.
func TestAgainstHiGHS(t *testing.T) {
	python := os.Getenv("HIGHS_PYTHON")
	require.NotEmpty(t, python, "set HIGHS_PYTHON to a Python with scipy")
	total, count := 0.0, 0
	for _, f := range families() {
		var lost, lostNaive, above, worst float64
		var took time.Duration
		const problems = 8
		for seed := range uint64(problems) {
			p := f.problem(seed)
			naive, err := matching.Solve(context.Background(), p, matching.Options{})
			require.NoError(t, err)
			start := time.Now()
			s, err := charges.Solve(context.Background(), p, matching.Options{})
			took += time.Since(start)
			require.NoError(t, err)
			require.NoError(t, matching.Verify(p, s))
			found := highs(t, python, p)
			require.LessOrEqual(t, found, float64(s.Bound)+0.5, "%s %d: the bound", f.name, seed)
			require.LessOrEqual(t, s.Value, s.Bound)
			best := max(found, float64(s.Value)) // HiGHS may run out of time
			total, count = total+100*(best-float64(s.Value))/best, count+1
			lost += 100 * (best - float64(s.Value)) / best / problems
			worst = max(worst, 100*(best-float64(s.Value))/best)
			lostNaive += 100 * (best - float64(naive.Value)) / best / problems
			above += 100 * (float64(s.Bound) - best) / best / problems
		}
		t.Logf("%-9s naive lost %5.2f %%, search lost %.3f %% (worst %.2f), bound above best %.2f %%, %v", f.name,
			lostNaive, lost, worst, above, (took / problems).Round(time.Millisecond))
	}
	t.Logf("%d problems: on average %.3f %% below the best known", count, total/float64(count))
	require.LessOrEqual(t, total/float64(count), 0.5)
}

// highs returns the best value that HiGHS finds in 10 seconds; results are kept in the temporary folder.
func highs(t *testing.T, python string, p *matching.Problem) float64 {
	data, err := json.Marshal(p)
	require.NoError(t, err)
	file := filepath.Join(os.TempDir(), fmt.Sprintf("crg-highs-%x.json", sha256.Sum256(data)))
	if found, err := os.ReadFile(file + ".result"); err == nil {
		data = found
	} else {
		require.NoError(t, os.WriteFile(file, data, 0o600))
		data, err = exec.Command(python, "testdata/highs.py", file, "10").Output()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file+".result", data, 0o600))
	}
	value := 0.0
	_, err = fmt.Sscan(string(data), &value)
	require.NoError(t, err)
	return value
}
