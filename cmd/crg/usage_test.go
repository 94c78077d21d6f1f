package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/loopback/loopbacktest"
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
		"key create --city x --role auditor --lasts -1h": "--lasts -1h0m0s: want a time ahead",
		"key rotate":          `unknown command "rotate"`,
		"key revoke --city x": "accepts 1 arg(s), received 0",
		"schedules diff":      "accepts 1 arg(s), received 0",
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
	address := loopbacktest.Address(t)
	root := newRootCommand()
	root.SetArgs([]string{"events", "--key", "k", "--api", "http://" + address})
	err := root.ExecuteContext(t.Context())
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

// Keys are shown by what each begins with, for whom they are and when they end.
func TestKeysAreListedWithTheirEnd(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	keys := []postgres.Key{
		{ID: "crg_aaaaaaaa", Actor: "Ada", Roles: []city.Role{city.Approver, city.Auditor}, CreatedAt: at},
		{ID: "crg_bbbbbbbb", Actor: "pantry", Participant: "p1", Roles: []city.Role{city.Lister}, CreatedAt: at, ExpiresAt: &at},
		{ID: "crg_cccccccc", Actor: "Bob", Roles: []city.Role{city.Operator}, CreatedAt: at, RevokedAt: &at},
	}
	var out strings.Builder
	require.NoError(t, printKeys(&out, keys, false))
	require.Equal(t, `KEY           ACTOR   ROLES             PARTICIPANT  CREATED               ENDS
crg_aaaaaaaa  Ada     approver,auditor               2026-11-26T09:00:00Z  -
crg_bbbbbbbb  pantry  lister            p1           2026-11-26T09:00:00Z  2026-11-26T09:00:00Z
crg_cccccccc  Bob     operator                       2026-11-26T09:00:00Z  revoked 2026-11-26T09:00:00Z
`, out.String())
	out.Reset()
	require.NoError(t, printKeys(&out, keys[2:], true))
	require.JSONEq(t, `{"id":"crg_cccccccc","actor":"Bob","roles":["operator"],
		"created_at":"2026-11-26T09:00:00Z","revoked_at":"2026-11-26T09:00:00Z"}`, out.String())
}
