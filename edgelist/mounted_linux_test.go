package edgelist_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/edgelist"
)

// Where a disk is mounted no folder can take the place of another, as with a volume of a container.
func TestPrepareRefusesWhereADiskIsMounted(t *testing.T) {
	t.Parallel()
	_, err := edgelist.Prepare("/proc")
	require.ErrorContains(t, err, "/proc: cannot be the output folder: another disk is mounted there; name a new folder inside it")
}
