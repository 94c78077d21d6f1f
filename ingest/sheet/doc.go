// Package sheet reads sheets of Excel workbooks (Office Open XML) as a stream of rows, and writes the templates that people
// fill in. Formulas are never executed: a row with one is refused, whatever value the workbook remembers for it, because
// nobody can say when that was worked out. Cells are named in every message.
//
// Reading holds the workbook's texts in memory and one row; both are bounded. Writing is excelize's.
package sheet
