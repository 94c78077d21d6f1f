package edgelist_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
)

// What is kept of a run proves it again.
func TestTablesAreVerified(t *testing.T) {
	t.Parallel()
	in := &edgelist.Instance{
		Needs: []string{"a,b", "pantry-1", "pantry-2"}, Resources: []string{"store-1", `store-"2"`},
		Problem: &matching.Problem{
			NeedQuantity: []int64{5, 10, 7}, ResourceQuantity: []int64{8, 9}, RowStart: []int32{0, 1, 3, 4},
			Edges:   []matching.Edge{{Resource: 0, Value: 12}, {Resource: 0, Value: 9}, {Resource: 1, Value: 11}, {Resource: 1, Value: 4}},
			Charges: []int64{10, 3, 0, 20},
		},
	}
	s, err := charges.Solve(t.Context(), in.Problem, matching.Options{})
	require.NoError(t, err)
	tables, err := edgelist.Tables(in, s)
	require.NoError(t, err)
	dir := t.TempDir()
	for name, content := range tables {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	read, err := edgelist.Read(edgelist.Files{
		Needs: filepath.Join(dir, edgelist.NeedsFile), Resources: filepath.Join(dir, edgelist.ResourcesFile), Edges: filepath.Join(dir, edgelist.EdgesFile),
	}, 0)
	require.NoError(t, err)
	certificate, err := edgelist.Verify(dir, read)
	require.NoError(t, err)
	require.Equal(t, s.Value, certificate.Value)
	require.Equal(t, s.Bound, certificate.Bound)
}
