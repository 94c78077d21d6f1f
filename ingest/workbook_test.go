package ingest_test

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/city-resource-graph/crg/ingest"
)

// Each bad workbook or row is told with its cell; rows around it are listed.
func TestWorkbooksThatCannotBeRead(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		change func(*testing.T, *excelize.File)
		want   string
	}{
		"a formula": {func(t *testing.T, b *excelize.File) {
			require.NoError(t, b.SetCellFormula("listings", "E3", "SUM(1,2)"))
		}, `quantity "=SUM(1,2)": cell E3: a formula, which is never executed`},
		"merged cells": {func(t *testing.T, b *excelize.File) {
			require.NoError(t, b.MergeCell("listings", "D3", "E3"))
		}, `title "D3:E3": cells D3:E3 are merged: unmerge them`},
		"a value under no column": {func(t *testing.T, b *excelize.File) {
			require.NoError(t, b.SetCellValue("listings", "Z3", "x"))
		}, "cell Z3: a value in a column without a name"},
		"an error": {func(t *testing.T, b *excelize.File) {
			require.NoError(t, b.SetCellFormula("listings", "E3", "1/0"))
		}, "cell E3: a formula"},
	}
	for name, test := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := fillIn(t, func(b *excelize.File) { test.change(t, b) }, sheetRow("a", nil), sheetRow("b", nil), sheetRow("c", nil))
			data, err := ingest.Load(t.Context(), openShipped(t, "sheet"), folder)
			require.NoError(t, err)
			require.Len(t, data.Listings, 2)
			require.Len(t, data.Rejects, 1)
			r := data.Rejects[0]
			require.EqualValues(t, 3, r.Line)
			require.Contains(t, fmt.Sprintf("%s %q: %s", r.Field, r.Value, r.Reason), test.want)
		})
	}
	files := map[string]struct {
		change func(*testing.T, *excelize.File)
		want   string
	}{
		"another sheet": {func(t *testing.T, b *excelize.File) {
			require.NoError(t, b.SetSheetName("listings", "Offers 2025"))
		}, `no sheet "listings"; the workbook has "Offers 2025", "categories"`},
		"a merged header": {func(t *testing.T, b *excelize.File) {
			require.NoError(t, b.MergeCell("listings", "A1", "C1"))
		}, "line 1: cells A1:C1 are merged: the first row must hold the columns' names"},
		"a column twice": {func(t *testing.T, b *excelize.File) {
			require.NoError(t, b.SetCellValue("listings", "B1", "id"))
		}, `cells A1 and B1 name the column "id" twice`},
		"a column less": {func(t *testing.T, b *excelize.File) {
			require.NoError(t, b.SetCellValue("listings", "E1", "qantity"))
		}, `no column "quantity"`},
	}
	for name, test := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := fillIn(t, func(b *excelize.File) { test.change(t, b) }, sheetRow("a", nil))
			_, err := ingest.Load(t.Context(), openShipped(t, "sheet"), folder)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// million writes a workbook of 10^6 rows as a spreadsheet program does, with the texts in the cells.
func million(t *testing.T, name string) {
	t.Helper()
	file, err := os.Create(name)
	require.NoError(t, err)
	archive := zip.NewWriter(file)
	part := func(name string) *bufio.Writer {
		w, err := archive.Create(name)
		require.NoError(t, err)
		return bufio.NewWriter(w)
	}
	for name, content := range skeleton {
		w := part(name)
		_, err := w.WriteString(content)
		require.NoError(t, err)
		require.NoError(t, w.Flush())
	}
	w := part("xl/worksheets/sheet1.xml")
	_, err = w.WriteString(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	require.NoError(t, err)
	for n := 1; n <= 1_000_000; n++ {
		_, err = fmt.Fprintf(w, `<row r="%d"><c r="A%d" t="inlineStr"><is><t>id%d</t></is></c></row>`, n, n, n)
		require.NoError(t, err)
	}
	_, err = w.WriteString(`</sheetData></worksheet>`)
	require.NoError(t, err)
	require.NoError(t, w.Flush())
	require.NoError(t, archive.Close())
	require.NoError(t, file.Close())
}

// A workbook of 10^6 rows is read as far as the limit and refused by it: neither its size nor its rows cost memory.
func TestAMillionRowsAreForCSV(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	million(t, filepath.Join(folder, "listings.xlsx"))
	_, err := ingest.Load(t.Context(), openShipped(t, "sheet"), folder)
	require.ErrorContains(t, err, "the sheet has more than 100000 rows: save it as CSV (UTF-8)")

	require.NoError(t, os.WriteFile(filepath.Join(folder, "listings.xlsx"), []byte("id,side\n"), 0o600))
	_, err = ingest.Load(t.Context(), openShipped(t, "sheet"), folder)
	require.ErrorContains(t, err, "not a workbook (.xlsx)")

	require.NoError(t, os.Remove(filepath.Join(folder, "listings.xlsx")))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "listings.csv"),
		[]byte("id,side,category,title,quantity,holder,kind,lon,lat\na,need,food.dairy,Milk,4,East Pantry,organisation,-94.5,41.5\n"), 0o600))
	data, err := ingest.Load(t.Context(), openShipped(t, "sheet"), folder)
	require.NoError(t, err)
	require.Len(t, data.Listings, 1)
	require.Equal(t, "listings.csv", data.Plan.Files[0].Path, "the file that was read, not the one that the profile names first")
	require.Equal(t, "listings.csv", data.Plan.Batches[0].File)
}

// A small archive may unpack to a text or a row of any size: it is told, and not taken into memory.
func TestAWorkbookThatUnpacksToFarMore(t *testing.T) {
	t.Parallel()
	for part, around := range map[string][2]string{
		"xl/sharedStrings.xml":     {"<sst><si><t>", "</t></si></sst>"},
		"xl/worksheets/sheet1.xml": {`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>`, "</t></is></c></row></sheetData></worksheet>"},
	} {
		folder := t.TempDir()
		file, err := os.Create(filepath.Join(folder, "listings.xlsx"))
		require.NoError(t, err)
		archive := zip.NewWriter(file)
		for name, content := range skeleton {
			w, err := archive.Create(name)
			require.NoError(t, err)
			_, err = io.WriteString(w, content)
			require.NoError(t, err)
		}
		w, err := archive.Create(part)
		require.NoError(t, err)
		_, err = io.WriteString(w, around[0]+strings.Repeat("x", 8<<20)+around[1])
		require.NoError(t, err)
		require.NoError(t, archive.Close())
		require.NoError(t, file.Close())
		_, err = ingest.Load(t.Context(), openShipped(t, "sheet"), folder)
		require.ErrorContains(t, err, "an element has more than 4194304 bytes", part)
	}
}
