package city_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
)

func TestUnknownWards(t *testing.T) {
	t.Parallel()
	known := []string{"1", "2", "Ward 7"}
	require.Empty(t, city.UnknownWard("2", known))
	require.Equal(t, `"ward7" is not one of the city's 3 wards; did you mean "Ward 7"?`, city.UnknownWard("ward7", known))
	require.Equal(t, `"Anacostia" is not one of the city's 3 wards: 1, 2, Ward 7`, city.UnknownWard("Anacostia", known))
	require.Equal(t, `"1" is not one of the city's 0 wards`, city.UnknownWard("1", nil))
	require.Contains(t, (&city.Floor{Wards: []string{"1", "22"}}).UnknownWard(known), `"22" is not one`)
	require.Empty(t, (&city.Floor{Wards: []string{"1", "2"}}).UnknownWard(known))
}
