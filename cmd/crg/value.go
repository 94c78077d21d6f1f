package main

import (
	"encoding/json"
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
	document, err := report.NewDocument(params, summary)
	if err != nil {
		return err
	}
	document.InputHash = valuation.InputHash(input.Matches)
	if f.csv != "" {
		if err := writeAtOnce(f.csv, func(w io.Writer) error { return report.CSV(w, document) }); err != nil {
			return err
		}
	}
	if f.html != "" {
		if err := writeAtOnce(f.html, func(w io.Writer) error { return report.HTML(w, document, report.Extras{}) }); err != nil {
			return err
		}
	}
	if !f.json {
		return report.Text(stdout, document)
	}
	encoder := json.NewEncoder(stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
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

// writeAtOnce writes a file that appears whole or not at all.
func writeAtOnce(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".crg-value-*")
	if err != nil {
		return usagef("%s: %w", path, err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // gone already when all went well
	if err := errors.Join(write(file), file.Chmod(0o644), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
