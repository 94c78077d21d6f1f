package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/valuation"
	"github.com/city-resource-graph/crg/valuation/report"
)

// valueFlags are what crg value is told.
type valueFlags struct {
	input, parameters string
	csv, html         string
	draws             int
	seed              uint64
	json              bool
}

func newValueCommand() *cobra.Command {
	var f valueFlags
	command := &cobra.Command{
		Use:   "value --input FILE",
		Short: "Value matches from a JSON file: line items, accounts, range, with the source of every figure",
		Long: `Values matches offline: what each was worth to giver, receiver, city and environment, with a range that
shares every uncertain figure over all matches, and the source of every figure.

Input, a JSON file (- reads standard input):
  {"currency": "USD", "matches": [{"id": "m1", "category": "food.produce", "quantity": 100, "distance_km": 3}]}

A category is a leaf of the taxonomy or a whole class. Any parameter can be overridden per match by its name, as a
certain value in currency units at the method's price year; docs/valuation.md lists names and formulas.

Exit code 2: the input or a parameter file is wrong; the message names path, value and what would be right, and nothing
was written.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runValue(f, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.input, "input", "", "JSON file of matches, - for standard input")
	flags.StringVar(&f.parameters, "parameters", "", "parameter file (YAML) instead of the shipped method "+valuation.DefaultMethod)
	flags.IntVar(&f.draws, "draws", valuation.DefaultDraws, "Monte Carlo draws, 100 to 1000000")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of the draws; the same seed repeats the same result")
	flags.BoolVar(&f.json, "json", false, "print one JSON object instead of tables")
	flags.StringVar(&f.csv, "csv", "", "also write one line per match to this CSV file")
	flags.StringVar(&f.html, "html", "", "also write a self-contained page with charts to this HTML file")
	requireFlags(command, "input")
	return command
}

func runValue(f valueFlags, stdin io.Reader, stdout io.Writer) error {
	if f.draws == 0 {
		return usagef("--draws 0: want 100 to 1000000") // to the package, 0 is its default
	}
	params, err := valueParameters(f.parameters)
	if err != nil {
		return err
	}
	content, err := readInput(f.input, stdin)
	if err != nil {
		return err
	}
	input, err := valuation.ReadInput(params, content)
	if err != nil {
		return usagef("%s: %w", f.input, err)
	}
	summary, err := valuation.Portfolio(params, input.Matches, valuation.Simulation{Draws: f.draws, Seed: f.seed, Rules: input.Rules})
	if err != nil {
		return usagef("%s: %w", f.input, err)
	}
	hash := valuation.InputHash(input.Matches)
	var outline *report.Document
	if f.html != "" || !f.json {
		if outline, err = report.NewOutline(params, summary); err != nil {
			return err
		}
		outline.InputHash = hash
	}
	var files []wholeFile
	if f.csv != "" {
		files = append(files, wholeFile{f.csv, func(w io.Writer) error { return report.StreamCSV(w, params, summary) }})
	}
	if f.html != "" {
		files = append(files, wholeFile{f.html, func(w io.Writer) error { return report.HTML(w, outline, report.Extras{}) }})
	}
	if err := writeAtOnce(files); err != nil {
		return err
	}
	if f.json {
		return report.JSON(stdout, params, summary, hash)
	}
	return report.Text(stdout, outline)
}

// valueParameters loads the method in the given file, or the shipped one.
func valueParameters(path string) (*valuation.Parameters, error) {
	if path == "" {
		return valuation.Default(), nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, usagef("--parameters: %w", err)
	}
	params, err := valuation.Load(content)
	if err != nil {
		return nil, usagef("%s: %w", path, err)
	}
	return params, nil
}

func readInput(path string, stdin io.Reader) ([]byte, error) {
	if path == "-" {
		content, err := io.ReadAll(stdin)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return content, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, usagef("--input: %w", err)
	}
	return content, nil
}

// wholeFile is a file that appears whole or not at all.
type wholeFile struct {
	path  string
	write func(io.Writer) error
}

// writeAtOnce writes files beside their places and moves them there once all are whole: where one cannot be written, none is.
func writeAtOnce(files []wholeFile) error {
	written := make([]string, len(files))
	for i, file := range files {
		if there, err := os.Stat(file.path); err == nil && !there.Mode().IsRegular() {
			return usagef("%s: is a folder or device: want a file", file.path) // which would be replaced
		}
		if i > 0 && filepath.Clean(file.path) == filepath.Clean(files[i-1].path) {
			return usagef("%s: named for two files: want one name for each", file.path)
		}
		temporary, err := os.CreateTemp(filepath.Dir(file.path), ".crg-value-*")
		if err != nil {
			return usagef("%s: %w", file.path, err)
		}
		written[i] = temporary.Name()
		defer func() { _ = os.Remove(written[i]) }() // gone already when all went well
		if err := errors.Join(file.write(temporary), temporary.Chmod(0o644), temporary.Close()); err != nil {
			return fmt.Errorf("write %s: %w", file.path, err)
		}
	}
	for i, file := range files {
		if err := os.Rename(written[i], file.path); err != nil {
			return fmt.Errorf("write %s: %w", file.path, err)
		}
	}
	return nil
}
