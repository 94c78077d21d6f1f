package ingest_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/ingest/sheet"
)

// fillIn is a template of food with rows that a person filled in; nil cells stay blank.
func fillIn(t *testing.T, change func(book *excelize.File), rows ...map[string]any) string {
	t.Helper()
	var template bytes.Buffer
	require.NoError(t, sheet.WriteTemplate(&template, city.Food, city.DefaultTaxonomy()))
	book, err := excelize.OpenReader(&template)
	require.NoError(t, err)
	defer func() { require.NoError(t, book.Close()) }()
	for i, row := range rows {
		for n, column := range sheet.Columns(city.Food) {
			cell, err := excelize.CoordinatesToCellName(n+1, i+2)
			require.NoError(t, err)
			if value, there := row[column.Name]; there {
				require.NoError(t, book.SetCellValue("listings", cell, value))
			}
		}
	}
	if change != nil {
		change(book)
	}
	folder := t.TempDir()
	require.NoError(t, book.SaveAs(filepath.Join(folder, "listings.xlsx")))
	return folder
}

func sheetRow(id string, changes map[string]any) map[string]any {
	row := map[string]any{
		"id": id, "side": "resource", "category": "food.produce", "title": "Carrots", "quantity": 40, "holder": "Mill Lane Growers",
		"kind": "organisation", "address": "12 Mill Lane, Westbrook", "lon": -94.5, "lat": 41.5, "from": "2025-06-02 14:00", "until": "2025-06-02 18:00",
	}
	for name, value := range changes {
		row[name] = value
		if value == nil {
			delete(row, name)
		}
	}
	return row
}

func TestASheetThatPeopleFilledIn(t *testing.T) {
	t.Parallel()
	folder := fillIn(t, nil,
		sheetRow("a", nil),
		sheetRow("b", map[string]any{"side": "need", "quantity": "12", "from": nil, "until": nil, "hours": "Monday: 09:00-17:00", "refrigerated": "yes"}),
		map[string]any{}, // a blank row is no row
		sheetRow("c", map[string]any{"quantity": "many"}),
		sheetRow("d", map[string]any{"lon": nil, "lat": nil, "address": "12 MILL LN., Westbrook"}),
		sheetRow("e", map[string]any{"lon": nil, "lat": nil, "address": "13 Mill Lane"}),
		sheetRow("f", map[string]any{"category": "goods.furniture"}),
		sheetRow("g", map[string]any{"from": 45810.5, "until": 45810.75}),
		sheetRow("h", map[string]any{"cost_per_unit": "5000000.01"}),
	)
	data, err := ingest.Load(t.Context(), openShipped(t, "sheet"), folder)
	require.NoError(t, err)
	require.Len(t, data.Listings, 4, "%v", data.Rejects)
	require.Equal(t, city.Listing{}.Need, data.Listings[0].Need)
	require.EqualValues(t, 40, data.Listings[0].Quantity.Amount)
	require.Equal(t, city.NeedSide, data.Listings[1].Side)
	require.Equal(t, []city.Constraint{{Attribute: "refrigerated", Operator: "=", Value: true}}, data.Listings[1].Need.Constraints)
	byAddress := data.Listings[2]
	require.Equal(t, &city.Point{Lon: -94.5, Lat: 41.5}, byAddress.Point)
	require.Equal(t, city.Street, byAddress.LocationQuality, "another row's point is no exact one")
	var told []string
	for _, r := range data.Rejects {
		told = append(told, fmt.Sprintf("line %d, %s %q: %s", r.Line, r.Field, r.Value, r.Reason))
	}
	require.Equal(t, []string{
		`line 5, quantity "many": cell E5: want a whole number without separators`,
		`line 7, lon, lat "": no coordinates: a listing needs a place`,
		`line 9, from "45810.5": cell K9: want a time such as 2016-08-08T14:00:00Z or 2016-08-08`,
		`line 10, cost_per_unit "5000000.01": cell R10: want an amount from 0 to 5000000.00, such as 12.50`,
	}, told)
}

// One end of a window is enough, and hours that cannot be read are told: neither is taken for the whole week.
func TestASheetSaysWhen(t *testing.T) {
	t.Parallel()
	shipped := openShipped(t, "sheet")
	midnight := func(day int) time.Time { return shipped.AsOf.AddDate(0, 0, day) }
	day := midnight(2).Format("2006-01-02")
	data, err := ingest.Load(t.Context(), shipped, fillIn(t, nil,
		sheetRow("a", map[string]any{"from": nil, "until": day}),
		sheetRow("b", map[string]any{"from": nil, "until": day, "side": "need"}),
		sheetRow("c", map[string]any{"from": day, "until": nil}),
		sheetRow("d", map[string]any{"from": nil, "until": nil, "hours": "Montag: 09:00-17:00"}),
		sheetRow("e", map[string]any{"from": nil, "until": nil}),
	))
	require.NoError(t, err)
	require.Len(t, data.Listings, 4, "%v", data.Rejects)
	week := midnight(shipped.Horizon)
	for i, window := range []city.Window{
		{Start: midnight(0), End: midnight(2)}, {Start: midnight(0), End: midnight(2)}, {Start: midnight(2), End: week}, {Start: midnight(0), End: week},
	} {
		require.Equal(t, []city.Window{window}, data.Listings[i].Windows, data.Listings[i].ID)
	}
	require.Len(t, data.Rejects, 1)
	require.Equal(t, `cell M5: "Montag: 09:00-17:00": want hours such as Monday: 09:00-17:00; Friday: 09:00-12:00`, data.Rejects[0].Reason)
}

// Names differ by letters of every script, and so do the ids that are made of them.
func TestNamesOfEveryScriptStayApart(t *testing.T) {
	t.Parallel()
	names := []string{"Şahin", "Ğahin", "ahin", "食品銀行", "飲料銀行", "Müller & Söhne", "Möller & Söhne", "Pantry 🥕"}
	var rows []map[string]any
	for i, name := range names {
		rows = append(rows, sheetRow(strings.Repeat("ä", i)+"1", map[string]any{"holder": name}))
	}
	data, err := ingest.Load(t.Context(), openShipped(t, "sheet"), fillIn(t, nil, rows...))
	require.NoError(t, err)
	require.Empty(t, data.Rejects)
	var read []string
	for _, p := range data.Participants {
		require.Regexp(t, `^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$`, p.ID)
		read = append(read, p.Name)
	}
	require.Equal(t, names, read)
	require.Equal(t, city.ParticipantID("listings.ahin"), data.Participants[2].ID, "an id of plain letters is as it was")
	require.Contains(t, string(data.Participants[5].ID), "listings.M-ller-S-hne-")
}

// "ü" may be one sign or two; it is one holder.
func TestAComposedNameIsTheDecomposedOne(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"organisation", "person"} {
		data, err := ingest.Load(t.Context(), openShipped(t, "sheet"), fillIn(t, nil,
			sheetRow("a", map[string]any{"holder": "Gr\u00fcner Markt", "kind": kind}),
			sheetRow("b", map[string]any{"holder": "Gru\u0308ner Markt", "kind": kind})))
		require.NoError(t, err)
		require.Empty(t, data.Rejects)
		require.Len(t, data.Participants, 1, kind)
		require.Len(t, data.Listings, 2)
		require.Equal(t, data.Listings[0].Holder, data.Listings[1].Holder)
	}
}

// The id of a private person does not say who it is: ids stand in workflows, in logs and in the graph.
func TestAPrivatePersonIsNotNamedByItsID(t *testing.T) {
	t.Parallel()
	private := map[string]any{"kind": "person", "holder": "Ada Lovelace"}
	data, err := ingest.Load(t.Context(), openShipped(t, "sheet"), fillIn(t, nil, sheetRow("a", private), sheetRow("b", private)))
	require.NoError(t, err)
	require.Len(t, data.Participants, 1, "two rows of one person")
	require.Equal(t, "Ada Lovelace", data.Participants[0].Name)
	require.Regexp(t, `^listings\.[0-9a-f]{16}$`, data.Participants[0].ID)
	require.Equal(t, data.Participants[0].ID, data.Listings[1].Holder)
}

// skeleton is what a workbook of one sheet has besides the sheet.
var skeleton = map[string]string{
	"xl/workbook.xml": `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
		xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="listings" sheetId="1" r:id="rId1"/></sheets></workbook>`,
	"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
		Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
}

// Each template's columns are known to the profile that reads it, so a filled-in one never fails for its columns.
func TestEveryTemplateReads(t *testing.T) {
	t.Parallel()
	for _, class := range []city.Class{city.Food, city.Goods, city.Space, city.Equipment, city.Vehicle, city.Skill, city.Material, city.Service} {
		folder := t.TempDir()
		file, err := os.Create(filepath.Join(folder, "listings.xlsx"))
		require.NoError(t, err)
		require.NoError(t, sheet.WriteTemplate(file, class, city.DefaultTaxonomy()))
		require.NoError(t, file.Close())
		data, err := ingest.Load(t.Context(), openShipped(t, "sheet"), folder)
		require.NoError(t, err, class)
		require.Zero(t, data.Plan.Rows())

		require.NoError(t, os.Remove(file.Name()))
		file, err = os.Create(filepath.Join(folder, "listings.csv"))
		require.NoError(t, err)
		require.NoError(t, sheet.WriteTemplateCSV(file, class))
		require.NoError(t, file.Close())
		_, err = ingest.Load(t.Context(), openShipped(t, "sheet"), folder)
		require.NoError(t, err, class)
	}
}
