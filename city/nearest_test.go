package city_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
)

func TestTheNearestNameIsWhatSomebodyMayHaveMeant(t *testing.T) {
	t.Parallel()
	names := []string{"quantity", "tip_fee", "haul_fee"}
	for written, want := range map[string]string{
		"quantty": "quantity", "QUANTITY": "quantity", "tip_fees": "tip_fee", "haulfee": "haul_fee", "colour": "", "": "",
	} {
		require.Equal(t, want, city.Nearest(written, names), written)
	}
}
