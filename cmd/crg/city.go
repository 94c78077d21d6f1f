package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/postgres"
)

// newCityCommand registers cities.
func newCityCommand() *cobra.Command {
	command := &cobra.Command{Use: "city add", Short: "Register cities", Args: cobra.ArbitraryArgs, RunE: helpOrUnknown}
	var id, data string
	var scale int64
	add := &cobra.Command{
		Use:   "add PROFILE --data DIR [--id ID] [--time-scale N]",
		Short: "Register a city from its profile (" + fmt.Sprint(cities.Names()) + " or a folder) and the ward file in its data",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			profile, err := openProfile(args[0], city.ID(id))
			if err != nil {
				return err
			}
			return withStores(cmd, func(_ *services, store *postgres.Store) error {
				if err := activities.InstallCity(cmd.Context(), store, profile, data, scale, time.Now()); err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "city %s: %s\n", profile.ID, profile.Name)
				return err
			})
		},
	}
	add.Flags().StringVar(&id, "id", "", "id of the city; the profile's own when empty")
	add.Flags().StringVar(&data, "data", "", "folder of the city's data, for the outlines of its wards")
	add.Flags().Int64Var(&scale, "time-scale", 1, "city seconds per second; 86400 lets a day pass in a second")
	_ = add.MarkFlagRequired("data")
	command.AddCommand(add)
	return command
}

// openProfile reads a shipped profile by its name, or a folder, for a city with an id of its own (empty: the profile's).
func openProfile(name string, id city.ID) (*ingest.City, error) {
	folder, err := cities.Open(name)
	if err != nil {
		return nil, usage(err)
	}
	profile, err := ingest.OpenAs(folder, city.DefaultTaxonomy(), id)
	if err != nil {
		return nil, usage(fmt.Errorf("profile %s: %w", name, err))
	}
	return profile, nil
}
