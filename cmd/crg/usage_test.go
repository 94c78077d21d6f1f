package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
