package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/postgres"
)

const sheet = "id,side,category,title,quantity,holder,kind,lon,lat,from,until\n" +
	"a,resource,food.produce,Carrots,40,Growers,organisation,10.001,50.001,2030-06-03 14:00,2030-06-03 18:00\n" +
	"b,need,food.produce,Vegetables,lots,Pantry,organisation,10.001,50.001,2030-06-03 15:00,2030-06-03 17:00\n"

// upload sends a file as it is.
func (b *bed) upload(key, path, content string) answer {
	b.t.Helper()
	return b.do(call{
		method: http.MethodPost, path: path, key: key, body: content, header: map[string]string{"Content-Type": "application/octet-stream"},
	})
}

func TestASheetIsTriedOutRowByRow(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	check := want[wire.SheetCheck](b.upload(b.matcher(), "/api/v1/sheets/check?form=csv", sheet), http.StatusOK)
	require.Equal(t, wire.ImportCounts{Read: 2, Accepted: 1, Listing: 1, Rejected: 1}, check.Counts)
	require.Len(t, check.Rows, 2)
	require.EqualValues(t, 2, check.Rows[0].Line)
	require.Equal(t, wire.SheetRowOutcome("listing"), check.Rows[0].Outcome)
	require.Contains(t, check.Rows[0].Says, "resource: 40 kg of food.produce")
	require.Equal(t, wire.SheetRowOutcome("rejected"), check.Rows[1].Outcome)
	require.Contains(t, check.Rows[1].Says, `quantity "lots": want a whole number`)
	require.Empty(t, want[wire.ImportPage](b.get(b.auditor(), "/api/v1/imports"), http.StatusOK).Items, "nothing was imported")

	long := sheet + strings.Repeat("x,need,food.dairy,Milk,1,Pantry,organisation,10.001,50.001,,\n", 2500)
	check = want[wire.SheetCheck](b.upload(b.operator(), "/api/v1/sheets/check?form=csv", long), http.StatusOK)
	require.Len(t, check.Rows, 2000)
	require.EqualValues(t, 502, check.LeftOut)
	require.EqualValues(t, 2502, check.Counts.Read)
}

func TestSheetsThatAreRefused(t *testing.T) {
	t.Parallel()
	b := newBedOver(t, wires{objects: true})
	for _, path := range []string{"/api/v1/sheets", "/api/v1/sheets/check"} {
		b.upload(b.auditor(), path, sheet).problem(http.StatusForbidden, "forbidden")
		b.upload(b.giver(), path, sheet).problem(http.StatusForbidden, "forbidden")
		b.upload(b.matcher(), path, "").problem(http.StatusBadRequest, "invalid-request")
		b.upload(b.matcher(), path+"?form=ods", sheet).problem(http.StatusBadRequest, "invalid-request")
		b.post(b.matcher(), path, map[string]string{"id": "a"}).problem(http.StatusUnsupportedMediaType, "unsupported-media-type")
		b.upload(b.matcher(), path, strings.Repeat("x", 16<<20+1)).problem(http.StatusRequestEntityTooLarge, "too-large")
	}
	p := b.upload(b.matcher(), "/api/v1/sheets/check", sheet).problem(http.StatusUnprocessableEntity, "refused")
	require.Contains(t, p.Detail, "listings.xlsx: not a workbook (.xlsx)")
	p = b.upload(b.matcher(), "/api/v1/sheets/check?form=csv", "name\nx\n").problem(http.StatusUnprocessableEntity, "refused")
	require.Contains(t, p.Detail, "listings.csv")
}

// An uploaded sheet is an import like any other: with its id, its workflow and its line in the audit.
func TestASheetIsUploaded(t *testing.T) {
	t.Parallel()
	b := newBedOver(t, wires{objects: true})
	b.registerAttributes()
	started := b.started(b.upload(b.matcher(), "/api/v1/sheets?form=csv", sheet), b.auditor())
	require.Contains(t, started.WorkflowID, "import/"+string(b.city))
	entries, _, err := b.store.ListAudit(t.Context(), b.city, postgres.AuditFilter{Kind: "import", Subject: started.ID}, postgres.Page{Limit: 10})
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, "upload", entries[0].Action)

	without := newBed(t)
	without.upload(without.matcher(), "/api/v1/sheets?form=csv", sheet).problem(http.StatusServiceUnavailable, "dependency-away")
}
