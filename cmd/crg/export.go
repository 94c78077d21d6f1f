package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/exports"
	"github.com/city-resource-graph/crg/ingest/sheet"
	"github.com/city-resource-graph/crg/postgres"
)

// newExportCommand writes what a city holds.
func newExportCommand() *cobra.Command {
	var id, run, out string
	command := &cobra.Command{
		Use:   "export FORM --city ID --out FILE",
		Short: fmt.Sprintf("Write a city's listings as HSDS 3, or its matches as a table: %v", exports.Forms()),
		Long: `hsds.json and hsds.zip (the tabular package) hold the active participants with their open resources and needs; they read
back in with the profile hsds. Private persons have no name there and stand at their block. matches.csv and matches.xlsx
hold all matches, or those of one run.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := exports.Request{City: city.ID(id), Form: exports.Form(args[0]), Run: city.RunID(run)}
			if err := in.Form.Validate(); err != nil {
				return usage(err)
			}
			return withStores(cmd, func(_ *services, store *postgres.Store) error {
				if out == "-" {
					return exports.Write(cmd.Context(), store, in, cmd.OutOrStdout())
				}
				if out == "" {
					out = args[0]
				}
				return exports.ToFile(cmd.Context(), store, in, out)
			})
		},
	}
	command.Flags().StringVar(&id, "city", "", "id of the city")
	command.Flags().StringVar(&run, "run", "", "of matches: only those of this run")
	command.Flags().StringVar(&out, "out", "", "file; the form's name when empty, - for standard output")
	_ = command.MarkFlagRequired("city")
	return command
}

// newTemplateCommand writes a spreadsheet to fill in.
func newTemplateCommand() *cobra.Command {
	var asCSV bool
	var out string
	command := &cobra.Command{
		Use:   "template CLASS",
		Short: "Write a spreadsheet to fill in: food, goods, space, equipment, vehicle, skill, material or service",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			class := city.Class(args[0])
			if err := class.Validate(); err != nil {
				return usage(err)
			}
			name := "listings.xlsx"
			write := func(f *os.File) error { return sheet.WriteTemplate(f, class, city.DefaultTaxonomy()) }
			if asCSV {
				name = "listings.csv"
				write = func(f *os.File) error { return sheet.WriteTemplateCSV(f, class) }
			}
			if out == "" {
				out = name
			}
			return writeWhole(out, write)
		},
	}
	command.Flags().BoolVar(&asCSV, "csv", false, "as CSV: the columns' names only")
	command.Flags().StringVar(&out, "out", "", "file; listings.xlsx or listings.csv when empty")
	return command
}
