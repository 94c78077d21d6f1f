package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/outbound"
)

func TestTemplatesAndExportsAreFiles(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	workbook := b.get(b.giver(), "/api/v1/templates/food")
	require.Equal(t, http.StatusOK, workbook.status)
	require.Equal(t, `attachment; filename="listings.xlsx"`, workbook.header.Get("Content-Disposition"))
	require.True(t, strings.HasPrefix(string(workbook.body), "PK"))
	table := b.get(b.giver(), "/api/v1/templates/goods?form=csv")
	require.True(t, strings.HasPrefix(string(table.body), "id,side,category,title,quantity,holder,kind,address,lon,lat,from,until,hours,"), string(table.body))
	b.get(b.giver(), "/api/v1/templates/moons").problem(http.StatusBadRequest, "invalid-request")

	for form, want := range map[string]string{
		"hsds.json": "[", "hsds.zip": "PK", "matches.xlsx": "PK", "matches.csv": "match,run,category,state,reason,resource,need,giver,receiver,",
	} {
		file := b.get(b.auditor(), "/api/v1/exports/"+form)
		require.Equal(t, http.StatusOK, file.status, form)
		require.Equal(t, `attachment; filename="`+form+`"`, file.header.Get("Content-Disposition"))
		require.True(t, strings.HasPrefix(string(file.body), want), form)
	}
	b.get(b.giver(), "/api/v1/exports/hsds.json").problem(http.StatusForbidden, "forbidden")
	b.get(b.auditor(), "/api/v1/exports/matches.csv?run=none").problem(http.StatusNotFound, "not-found")
	b.get(b.auditor(), "/api/v1/exports/all.doc").problem(http.StatusBadRequest, "invalid-request")
}

func TestAnImportFetchesOnlyFromAllowedHosts(t *testing.T) {
	t.Parallel()
	b := newBedOver(t, wires{config: func(c *api.Config) { c.Outbound = outbound.Policy{Hosts: []string{"data.example.org"}} }})
	b.registerAttributes()
	b.started(b.post(b.operator(), "/api/v1/imports", wire.NewImport{Profile: "sheet", Source: "https://data.example.org/listings.csv"}), b.operator())
	for _, source := range []string{"https://127.0.0.1/a.csv", "http://data.example.org/a.csv", "file:///etc/passwd", "https://me:x@data.example.org/a"} {
		p := b.post(b.operator(), "/api/v1/imports", wire.NewImport{Profile: "sheet", Source: source}).problem(http.StatusUnprocessableEntity, "refused")
		require.Equal(t, "/source", p.Errors[0].Field, source)
	}
}
