package house_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// packagesOf lists all packages that a program of this module is linked from.
func packagesOf(t *testing.T, program string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", program)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, errs.String())
	return strings.Fields(string(out))
}

func TestProductDoesNotLinkTheTemporalServer(t *testing.T) {
	t.Parallel()
	packages := packagesOf(t, "github.com/city-resource-graph/crg/cmd/crg")
	require.Contains(t, packages, "go.temporal.io/sdk/client", "the list is that of the product")
	for _, name := range packages {
		for _, unwanted := range []string{
			"go.temporal.io/server", "github.com/temporalio/ui-server", "github.com/city-resource-graph/crg/dev", "pgregory.net/rapid",
		} {
			require.False(t, name == unwanted || strings.HasPrefix(name, unwanted+"/"), "the product links %s", name)
		}
	}
}
