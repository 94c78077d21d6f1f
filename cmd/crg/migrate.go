package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/postgres"
)

// newMigrateCommand moves the schema. Going up is safe at any time; going down is for development.
func newMigrateCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "migrate up|down|version",
		Short: "Bring the database's schema up to this program's, or show where it stands",
		Args:  cobra.ArbitraryArgs,
		RunE:  helpOrUnknown,
	}
	command.AddCommand(&cobra.Command{
		Use: "up", Short: "Apply every migration that is missing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withDatabase(func(url string) error {
				version, err := postgres.MigrateUp(cmd.Context(), url)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "schema version %d\n", version)
				return err
			})
		},
	}, &cobra.Command{
		Use: "down STEPS", Short: "Take back the last migrations, with their data", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			steps, err := strconv.Atoi(args[0])
			if err != nil || steps < 1 {
				return usagef("steps %q: want a number of at least 1", args[0])
			}
			return withDatabase(func(url string) error {
				version, err := postgres.MigrateDown(cmd.Context(), url, steps)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "schema version %d\n", version)
				return err
			})
		},
	}, &cobra.Command{
		Use: "version", Short: "Show the schema's version; exit code 1 when a migration broke off", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withDatabase(func(url string) error {
				version, dirty, err := postgres.MigrationVersion(cmd.Context(), url)
				if err != nil {
					return err
				}
				if dirty {
					return fmt.Errorf("schema version %d is broken off half-way: repair it, then run migrate up", version)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "schema version %d\n", version)
				return err
			})
		},
	})
	return command
}

// withDatabase hands the configured database's URL to do.
func withDatabase(do func(url string) error) error {
	config, err := loadConfig()
	if err != nil {
		return err
	}
	if err := config.require("DATABASE_URL"); err != nil {
		return err
	}
	return do(config.DatabaseURL)
}
