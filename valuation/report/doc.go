// Package report shows a valuation: as JSON, CSV, text for a terminal, and self-contained HTML with charts. It computes
// nothing that it shows except shares and the places of pixels; every amount comes from package valuation in whole minor
// units. It never shows the gross figure under another name, and never a total without its range, method and evidence.
package report
