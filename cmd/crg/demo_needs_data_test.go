//go:build realdata

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/report"
)

func preview(t *testing.T, args ...string) (string, report.Report) {
	t.Helper()
	folder := t.TempDir()
	command := newDemoCommand()
	command.SetArgs(append([]string{"--preview", "--report", folder}, args...))
	var out bytes.Buffer
	command.SetOut(&out)
	require.NoError(t, command.ExecuteContext(t.Context()))
	content, err := os.ReadFile(filepath.Join(folder, "report.json"))
	require.NoError(t, err)
	var r report.Report
	require.NoError(t, json.Unmarshal(content, &r))
	rejected := int64(0)
	for _, reason := range r.Import.Reasons {
		rejected += reason.Count
	}
	require.Equal(t, r.Import.Rejected, rejected, "each rejected row has its reason")
	return out.String(), r
}

// A city whose data only asks ends with an honest report; generated supply is totalled apart.
func TestAkronEndsUnserved(t *testing.T) {
	t.Parallel()
	data := filepath.Join(os.Getenv("CRG_DATA"), "akron-pantries")
	out, r := preview(t, "--city", "akron", "--data", data)
	require.Contains(t, out, "304 needs: no resource in category")
	require.Equal(t, []report.ReasonCount{{Reason: "leaf", Count: 304, Note: "no resource in category"}}, r.Unserved)
	require.Zero(t, r.Run.Proposals)

	out, r = preview(t, "--city", "akron", "--data", data, "--generated-supply")
	require.Contains(t, out, "offers that nobody made")
	require.Equal(t, map[string]int64{"generated": 76, "modelled": 304}, r.Listings.ByOrigin)
	require.Positive(t, r.Run.Proposals)
	require.Len(t, r.Valuation.ByOrigin, 1, "each match rests on an offer that nobody made")
	require.Contains(t, r.Valuation.ByOrigin, "generated")

	out, r = preview(t, "--city", "harvey", "--data", filepath.Join(os.Getenv("CRG_DATA"), "harvey-2017"))
	require.Contains(t, out, "needs: no resource in category")
	require.EqualValues(t, 422, r.Listings.Needs)
}
