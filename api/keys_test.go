package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// A key that was revoked, or whose time is over, opens nothing from the next request on.
func TestAKeyEnds(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	past := time.Now().Add(-time.Minute)
	wanted := api.NewKey{City: b.city, Actor: "Eve", Roles: []city.Role{city.Auditor}}
	text, id, err := api.CreateKey(t.Context(), b.store, wanted)
	require.NoError(t, err)
	wanted.ExpiresAt = &past
	over, _, err := api.CreateKey(t.Context(), b.store, wanted)
	require.NoError(t, err)

	b.get(over, "/api/v1/cities").problem(http.StatusUnauthorized, "unauthenticated")
	require.Equal(t, http.StatusOK, b.get(text, "/api/v1/cities").status)
	require.NoError(t, api.RevokeKey(t.Context(), b.store, b.city, id))
	b.get(text, "/api/v1/cities").problem(http.StatusUnauthorized, "unauthenticated")
	require.NoError(t, api.RevokeKey(t.Context(), b.store, b.city, id), "again")
	require.ErrorContains(t, api.RevokeKey(t.Context(), b.store, b.city, "crg_none"), "has none of this id; crg key list names them")

	entries, _, err := b.store.ListAudit(t.Context(), b.city, postgres.AuditFilter{Kind: "key", Subject: id}, postgres.Page{})
	require.NoError(t, err)
	var actions []string
	for _, entry := range entries {
		actions = append(actions, entry.Action)
	}
	require.ElementsMatch(t, []string{"create", "revoke", "revoke"}, actions)
}

// Whom a key is for must be there; what is wrong is said in words, and leaves no trace.
func TestAKeyIsOfSomebodyWhoIsThere(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for says, wanted := range map[string]api.NewKey{
		"city nowhere: there is none":                      {City: "nowhere", Actor: "Eve", Roles: []city.Role{city.Auditor}},
		"participant ghost: city ":                         {City: b.city, Participant: "ghost", Roles: []city.Role{city.Lister}},
		"participant specter: city ":                       {City: b.city, Actor: "Eve", WorksFor: "specter", Roles: []city.Role{city.Auditor}},
		"actor: name the person or the participant":        {City: b.city, Roles: []city.Role{city.Auditor}},
		"are a participant's, the others the city's":       {City: b.city, Actor: "Eve", Roles: []city.Role{city.Lister, city.Auditor}},
		"role \"king\": want one of [lister requester app": {City: b.city, Actor: "Eve", Roles: []city.Role{"king"}},
	} {
		_, _, err := api.CreateKey(t.Context(), b.store, wanted)
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "SQLSTATE")
	}
	entries, _, err := b.store.ListAudit(t.Context(), "nowhere", postgres.AuditFilter{}, postgres.Page{})
	require.NoError(t, err)
	require.Empty(t, entries)
}
