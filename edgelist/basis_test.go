package edgelist_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching"
)

func TestBasisIsRenumbered(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	solveInto(t, files(t, someNeeds, someResources, someEdges), dir, matching.Options{})
	// a is new and comes first, n2 is gone, r1 has less.
	in := read(t, "id,quantity\na,1\nn1,3\n", "id,quantity\nr1,1\nr2,2\n", "need,resource,value\nn1,r1,10\nn1,r2,7\na,r1,20\n")
	basis, err := edgelist.ReadBasis(dir, in)
	require.NoError(t, err)
	require.Equal(t, matching.Unmatched, basis.NeedParent[0])
	warm, err := matching.Solve(context.Background(), in.Problem, matching.Options{Warm: basis})
	require.NoError(t, err)
	require.NoError(t, matching.Verify(in.Problem, warm))
	require.EqualValues(t, 20+2*7, warm.Value)
}

func TestDamagedBasisIsRefused(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	in := solveInto(t, files(t, someNeeds, someResources, someEdges), dir, matching.Options{})
	path := filepath.Join(dir, edgelist.BasisFile)
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	for at := range good {
		bad := append([]byte(nil), good...)
		bad[at] ^= 1
		_, err := edgelist.DecodeBasis(bad, in)
		require.ErrorIs(t, err, edgelist.ErrDamagedBasis)
		_, err = edgelist.DecodeBasis(good[:at], in)
		require.ErrorIs(t, err, edgelist.ErrDamagedBasis)
	}
	require.NoError(t, os.WriteFile(path, good[:20], 0o600))
	_, err = edgelist.ReadBasis(dir, in)
	require.ErrorContains(t, err, "basis.bin: the basis is damaged")
	_, err = edgelist.ReadBasis(t.TempDir(), in)
	require.ErrorContains(t, err, "basis.bin: cannot be read")
}

func TestForeignBasisIsRefused(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	solveInto(t, files(t, someNeeds, someResources, someEdges), dir, matching.Options{})
	other := read(t, strings.ReplaceAll(someNeeds, "\nn", "\nx"), someResources, "need,resource,value\n")
	_, err := edgelist.ReadBasis(dir, other)
	var input *edgelist.InputError
	require.ErrorAs(t, err, &input)
	require.ErrorContains(t, err, "the basis is of another input")
}
