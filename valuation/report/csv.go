package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// CSV writes one line per match. Each names its method and formulas, and the header carries currency and price year in the
// column names, so that two files of different methods cannot be pasted together unseen.
func CSV(w io.Writer, d *Document) error {
	suffix := fmt.Sprintf("_%s_%d", strings.ToLower(string(d.Currency)), d.PriceYear)
	money := []string{
		"receiver", "donor", "time", "environment", "logistics", "platform", "nsv", "expected", "attributed", "gross",
		"account_giver", "account_receiver", "account_city", "account_environment", "account_platform",
	}
	header := []string{"method", "formulas", "id", "category", "quantity", "unit", "quality", "origin", "additionality"}
	for _, name := range money {
		header = append(header, name+suffix)
	}
	header = append(header, "co2e_t", "kg", "meals", "hours")
	writer := csv.NewWriter(w)
	rows := [][]string{header}
	for _, m := range d.Matches {
		row := []string{
			d.Method, d.Formulas, m.ID, string(m.Category), number(m.Quantity), string(m.Unit), string(m.Quality), string(m.Origin),
			number(m.Additionality),
		}
		row = append(row,
			m.Receiver.String(), m.Donor.String(), m.Time.String(), m.Environment.String(), m.Logistics.String(), m.Platform.String(),
			m.NSV.String(), m.Expected.String(), m.Attributed.String(), m.Gross.String(),
			m.Accounts.Giver.String(), m.Accounts.Receiver.String(), m.Accounts.City.String(), m.Accounts.Environment.String(), m.Accounts.Platform.String(),
			m.CO2eTonnes.String(),
		)
		rows = append(rows, append(row, number(m.Kg), number(m.Meals), number(m.Hours)))
	}
	for i, row := range rows {
		for j, cell := range row {
			row[j] = harmless(cell)
		}
		if err := writer.Write(row); err != nil {
			return fmt.Errorf("write line %d of the CSV: %w", i+1, err)
		}
	}
	writer.Flush()
	if err := writer.Error(); err != nil {
		return fmt.Errorf("write the CSV: %w", err)
	}
	return nil
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
