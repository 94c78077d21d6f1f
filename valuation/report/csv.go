package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/city-resource-graph/crg/valuation"
)

// moneyColumns are the columns of amounts, in the order of moneyOf.
var moneyColumns = []string{
	"receiver", "donor", "time", "environment", "logistics", "platform", "nsv", "expected", "attributed", "gross",
	"account_giver", "account_receiver", "account_city", "account_environment", "account_platform",
}

func moneyOf(m MatchRow) []json.Number {
	return []json.Number{
		m.Receiver, m.Donor, m.Time, m.Environment, m.Logistics, m.Platform, m.NSV, m.Expected, m.Attributed, m.Gross,
		m.Accounts.Giver, m.Accounts.Receiver, m.Accounts.City, m.Accounts.Environment, m.Accounts.Platform,
	}
}

// CSV writes one line per match. Each names its method and formulas, and the header carries currency and price year in the
// column names, so that two files of different methods cannot be pasted together unseen.
func CSV(w io.Writer, d *Document) error {
	return writeCSV(w, d.Head, func(yield func(MatchRow, error) bool) {
		for _, row := range d.Matches {
			if !yield(row, nil) {
				return
			}
		}
	})
}

// StreamCSV writes what CSV writes of a whole document, without holding it.
func StreamCSV(w io.Writer, p *valuation.Parameters, summary *valuation.Summary) error {
	head, err := newHead(p, summary)
	if err != nil {
		return err
	}
	b := newBuilder(summary)
	return writeCSV(w, head, func(yield func(MatchRow, error) bool) {
		for _, result := range summary.Results {
			if !yield(b.sums(p, result)) {
				return
			}
		}
	})
}

func writeCSV(w io.Writer, head Head, rows iter.Seq2[MatchRow, error]) error {
	header := []string{"method", "formulas", "id", "category", "quantity", "unit", "quality", "origin", "additionality"}
	for _, name := range moneyColumns {
		header = append(header, fmt.Sprintf("%s_%s_%d", name, strings.ToLower(string(head.Currency)), head.PriceYear))
	}
	writer, line := csv.NewWriter(w), 1
	write := func(row []string) error {
		for i, cell := range row {
			row[i] = harmless(cell)
		}
		if err := writer.Write(row); err != nil {
			return fmt.Errorf("write line %d of the CSV: %w", line, err)
		}
		line++
		return nil
	}
	if err := write(append(header, "co2e_t", "kg", "meals", "hours")); err != nil {
		return err
	}
	for m, err := range rows {
		if err == nil {
			err = write(csvRow(head, m))
		}
		if err != nil {
			return err
		}
	}
	writer.Flush()
	if err := writer.Error(); err != nil {
		return fmt.Errorf("write the CSV: %w", err)
	}
	return nil
}

func csvRow(head Head, m MatchRow) []string {
	row := []string{
		head.Method, head.Formulas, m.ID, string(m.Category), number(m.Quantity), string(m.Unit), string(m.Quality), string(m.Origin),
		number(m.Additionality),
	}
	for _, money := range moneyOf(m) {
		row = append(row, money.String())
	}
	return append(row, m.CO2eTonnes.String(), number(m.Kg), number(m.Meals), number(m.Hours))
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// harmless keeps a spreadsheet from running a cell that came from outside as a formula.
func harmless(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}
