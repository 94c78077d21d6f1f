package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
)

// Whatever a caller can mend by typing something else is bad usage, in every command.
func TestBadUsageIsExitCodeTwo(t *testing.T) {
	t.Parallel()
	for line, says := range map[string]string{
		"nonsense":                     `unknown command "nonsense"`,
		"maintenance sideways":         `unknown command "sideways"`,
		"worker":                       `required flag(s) "queue" not set`,
		"events":                       `required flag(s) "key" not set`,
		"maintenance on --city x":      `required flag(s) "reason" not set`,
		"workers status --nope":        "unknown flag: --nope",
		"demo --city ./nope --data .":  `no such folder`,
		"demo --city nowhere --data .": "want one of akron, dc",
		"schedules diff":               "accepts 1 arg(s), received 0",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			root := newRootCommand()
			root.SetArgs(strings.Fields(line))
			err := root.ExecuteContext(t.Context())
			require.ErrorContains(t, err, says)
			require.Equal(t, 2, exitCode(err))
		})
	}
}

// An address at which nobody answers is said, not waited for.
func TestEventsOfNobody(t *testing.T) {
	t.Parallel()
	address, err := freeAddress(t.Context())
	require.NoError(t, err)
	root := newRootCommand()
	root.SetArgs([]string{"events", "--key", "k", "--api", "http://" + address})
	err = root.ExecuteContext(t.Context())
	require.ErrorContains(t, err, "no API at http://"+address)
	require.Equal(t, 1, exitCode(err))
}

// What is asked of a city that does not exist says so, and leaves no trace in the audit.
func TestMaintenanceOfACityThatIsNone(t *testing.T) {
	t.Parallel()
	store := pgtest.Open(t)
	_, err := operatorHere(t.Context(), store, "nowhere", "begin maintenance")
	require.ErrorIs(t, err, postgres.ErrNotFound)
	entries, _, err := store.ListAudit(t.Context(), "nowhere", postgres.AuditFilter{}, postgres.Page{})
	require.NoError(t, err)
	require.Empty(t, entries)
}
