package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
)

func TestSpecIsValid(t *testing.T) {
	t.Parallel()
	spec, err := wire.GetSpec()
	require.NoError(t, err)
	require.NoError(t, spec.Validate(t.Context()))
}
