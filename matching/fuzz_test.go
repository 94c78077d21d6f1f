package matching_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
)

// FuzzSolve reads a problem from arbitrary bytes and compares the solver, by each of its ways, with the oracle.
func FuzzSolve(f *testing.F) {
	f.Add([]byte{3, 2, 1, 0, 9, 1, 4, 2, 255, 1, 200, 3, 0, 7, 7})
	f.Add([]byte{1, 0, 0})
	f.Add([]byte("0A0\xf20\xf2")) // a need that outbids itself: it has one resource twice, and wants more than there is
	f.Add([]byte("the quick brown fox jumps over the lazy dog and finds its dinner"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 400 {
			t.Skip("large inputs find nothing that small ones do not")
		}
		p := problemFromBytes(data)
		want := oracle(p)
		require.Equal(t, want, solve(t, p, matching.Options{}).Value)
		for _, s := range []*matching.Solution{
			matching.SolveByAuction(t.Context(), p, matching.Options{}),
			matching.SolveByScaling(t.Context(), p, matching.Options{}),
		} {
			require.NoError(t, matching.Verify(p, s))
			require.Equal(t, want, s.Value)
		}
	})
}

// problemFromBytes: the number of resources and their quantities; then pairs of resource and value, where resource 255
// ends a row with the value as the need's quantity. Values above 200 are worthless or very large.
func problemFromBytes(data []byte) *matching.Problem {
	next := func() byte {
		if len(data) == 0 {
			return 255
		}
		b := data[0]
		data = data[1:]
		return b
	}
	quantity := make([]int64, 1+int(next()%16))
	for r := range quantity {
		quantity[r] = int64(next() % 32)
	}
	b := instances.NewBuilder(quantity)
	for len(data) > 1 {
		resource, value := next(), int64(next())
		switch {
		case resource == 255:
			b.Need(value % 32)
		case value > 230:
			b.Edge(int(resource)%len(quantity), (value-230)<<34)
		case value > 200:
			b.Edge(int(resource)%len(quantity), 200-value)
		default:
			b.Edge(int(resource)%len(quantity), value)
		}
	}
	b.Need(3)
	return b.Problem()
}
