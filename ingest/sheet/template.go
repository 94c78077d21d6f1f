package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/city-resource-graph/crg/city"
)

// Column is one column of a template. cities/sheet reads them; a test holds both together.
type Column struct {
	Name    string
	Note    string // shown beside the column's name
	Classes []city.Class
	Choices []string
}

var everywhere []city.Class

// columns in the order of a template. Those of a class say only what can be said of it.
var columns = []Column{
	{Name: "id", Note: "your own number or name of the row; the same id again changes the same row"},
	{Name: "side", Note: "resource: you offer it; need: you ask for it", Choices: []string{"resource", "need"}},
	{Name: "category", Note: "one of the list"},
	{Name: "title", Note: "what it is, in your words"},
	{Name: "quantity", Note: "a whole number of the category's unit (see the sheet categories)"},
	{Name: "holder", Note: "who offers or asks"},
	{Name: "kind", Note: "of the holder", Choices: []string{"organisation", "agency", "business", "person"}},
	{Name: "address", Note: "enough when an earlier row gives the same address a place"},
	{Name: "lon", Note: "degrees, such as -77.0365"},
	{Name: "lat", Note: "degrees, such as 38.8951"},
	{Name: "from", Note: "2025-06-02 14:00; leave blank to use hours"},
	{Name: "until", Note: "2025-06-02 18:00"},
	{Name: "hours", Note: "Monday: 09:00-17:00; Friday: 09:00-12:00; blank: the whole week"},
	{Name: "radius_km", Note: "of a resource: how far it is brought"},
	{Name: "minimum_lot", Note: "of a resource: least quantity of one hand-over"},
	{Name: "perish_hours", Note: "of a resource: hours after the last window until it is spoilt", Classes: []city.Class{city.Food}},
	{Name: "refrigerated", Note: "yes or no; of a need: must it be", Classes: []city.Class{city.Food, city.Space, city.Vehicle}, Choices: []string{"yes", "no"}},
	{Name: "condition", Note: "of a resource: 1 as new, 0 worthless", Classes: []city.Class{city.Goods, city.Equipment, city.Vehicle, city.Material}},
	{Name: "cost_per_unit", Note: "of a resource: what you ask for a unit"},
	{Name: "budget_per_unit", Note: "of a need: what you would pay for a unit"},
	{Name: "max_distance_km", Note: "of a need: how far you would go"},
	{Name: "urgency", Note: "of a need: 1 critical, 2 high, 3 normal", Choices: []string{"1", "2", "3"}},
	{Name: "notes", Note: "for yourselves; not imported"},
}

// Columns are the columns of a class's template.
func Columns(class city.Class) []Column {
	var list []Column
	for _, column := range columns {
		if len(column.Classes) == len(everywhere) || slices.Contains(column.Classes, class) {
			list = append(list, column)
		}
	}
	return list
}

// leavesOf are the categories of a class.
func leavesOf(class city.Class, taxonomy *city.Taxonomy) []city.Category {
	var list []city.Category
	for _, category := range taxonomy.Leaves() {
		if category.Leaf.Class() == class {
			list = append(list, category)
		}
	}
	return list
}

// WriteTemplateCSV writes a template as CSV: the columns' names and nothing else.
func WriteTemplateCSV(w io.Writer, class city.Class) error {
	out := csv.NewWriter(w)
	var names []string
	for _, column := range Columns(class) {
		names = append(names, column.Name)
	}
	_ = out.Write(names) // Flush tells
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write a template: %w", err)
	}
	return nil
}

// templateRows is how many rows of a template offer choices.
const templateRows = 2000

// WriteTemplate writes a template as a workbook: the sheet listings with choices and notes, and the sheet categories with
// each category's unit.
func WriteTemplate(w io.Writer, class city.Class, taxonomy *city.Taxonomy) (err error) {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	if err := book.SetSheetName("Sheet1", "listings"); err != nil {
		return fmt.Errorf("write a template: %w", err)
	}
	leaves := leavesOf(class, taxonomy)
	if err := writeCategories(book, leaves); err != nil {
		return fmt.Errorf("write a template: %w", err)
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return fmt.Errorf("write a template: %w", err)
	}
	asText, err := book.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return fmt.Errorf("write a template: %w", err)
	}
	for i, column := range Columns(class) {
		if err := writeColumn(book, i+1, column, len(leaves), bold, asText); err != nil {
			return fmt.Errorf("write a template: column %s: %w", column.Name, err)
		}
	}
	if err := book.SetPanes("listings", &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("write a template: %w", err)
	}
	if err := book.Write(w); err != nil {
		return fmt.Errorf("write a template: %w", err)
	}
	return nil
}

func writeCategories(book *excelize.File, leaves []city.Category) error {
	if _, err := book.NewSheet("categories"); err != nil {
		return err
	}
	rows := [][]any{{"category", "title", "unit"}}
	for _, category := range leaves {
		rows = append(rows, []any{string(category.Leaf), category.Title, string(category.Unit)})
	}
	for i, row := range rows {
		if err := book.SetSheetRow("categories", fmt.Sprintf("A%d", i+1), &row); err != nil {
			return err
		}
	}
	return book.SetColWidth("categories", "A", "B", 32)
}

func writeColumn(book *excelize.File, n int, column Column, categories, bold, asText int) error {
	letter := letters(int64(n))
	if err := book.SetCellStr("listings", letter+"1", column.Name); err != nil {
		return err
	}
	if column.Name == "from" || column.Name == "until" { // as text, or Excel would make a date of its own of it
		if err := book.SetColStyle("listings", letter, asText); err != nil {
			return err
		}
	}
	if err := book.SetCellStyle("listings", letter+"1", letter+"1", bold); err != nil {
		return err
	}
	if err := book.SetColWidth("listings", letter, letter, float64(max(len(column.Name)+4, 12))); err != nil {
		return err
	}
	if err := book.AddComment("listings", excelize.Comment{Cell: letter + "1", Author: "City Resource Graph", Text: column.Note}); err != nil {
		return err
	}
	return choices(book, letter, column, categories)
}

func choices(book *excelize.File, letter string, column Column, categories int) error {
	validation := excelize.NewDataValidation(true)
	validation.SetSqref(fmt.Sprintf("%s2:%s%d", letter, letter, templateRows))
	switch {
	case column.Name == "category":
		validation.SetSqrefDropList(fmt.Sprintf("categories!$A$2:$A$%d", categories+1))
	case len(column.Choices) > 0:
		if err := validation.SetDropList(column.Choices); err != nil {
			return err
		}
	default:
		return nil
	}
	validation.SetError(excelize.DataValidationErrorStyleStop, column.Name, "want one of: "+or(strings.Join(column.Choices, ", "), "the sheet categories"))
	return book.AddDataValidation("listings", validation)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
