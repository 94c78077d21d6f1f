package edgelist_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"slices"
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

// Whatever a basis file holds, with a checksum that fits: it is refused, or the search that starts from it ends at the
// optimum.
func FuzzDecodeBasis(f *testing.F) {
	dir := filepath.Join(f.TempDir(), "out")
	tables := map[string]string{"needs.csv": someNeeds, "resources.csv": someResources, "edges.csv": someEdges}
	for name, text := range tables {
		require.NoError(f, os.WriteFile(filepath.Join(filepath.Dir(dir), name), []byte(text), 0o600))
	}
	at := func(name string) string { return filepath.Join(filepath.Dir(dir), name) }
	in, err := edgelist.Read(edgelist.Files{Needs: at("needs.csv"), Resources: at("resources.csv"), Edges: at("edges.csv")}, 1)
	require.NoError(f, err)
	cold, err := matching.Solve(context.Background(), in.Problem, matching.Options{})
	require.NoError(f, err)
	good := edgelist.EncodeBasis(in, cold.Basis)
	f.Add(good[:len(good)-sha256.Size])
	f.Add([]byte("crg basis 2\n\x01\x02n1\xff\xff\xff\xff\x0f\x05\x00\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := sha256.Sum256(body)
		basis, err := edgelist.DecodeBasis(slices.Concat(body, sum[:]), in)
		var foreign *edgelist.ForeignBasisError
		if err != nil {
			require.True(t, errors.Is(err, edgelist.ErrDamagedBasis) || errors.As(err, &foreign), err)
			return
		}
		warm, err := matching.Solve(context.Background(), in.Problem, matching.Options{Warm: basis})
		require.NoError(t, err)
		require.NoError(t, matching.Verify(in.Problem, warm))
		require.Equal(t, cold.Value, warm.Value)
	})
}
