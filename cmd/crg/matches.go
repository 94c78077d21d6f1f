package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/repair"
	"github.com/city-resource-graph/crg/watch"
	"github.com/city-resource-graph/crg/workflows"
)

// newMatchesCommand shows the matches that stand still, and sets them going again.
func newMatchesCommand() *cobra.Command {
	command := &cobra.Command{Use: "matches stuck", Short: "Look for matches that stand still", Args: cobra.ArbitraryArgs, RunE: helpOrUnknown}
	var id string
	var restart, asJSON bool
	stuck := &cobra.Command{
		Use:   "stuck --city CITY [--restart]",
		Short: "List the matches that are past the deadline of their state; exit code 1 when there are some and --restart is not given",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withStores(cmd, func(s *services, store *postgres.Store) error {
				row, err := store.City(cmd.Context(), city.ID(id))
				if err != nil {
					return err
				}
				overdue, err := store.OverdueMatches(cmd.Context(), row, time.Now(), watch.Grace, mostStuck)
				if err != nil {
					return err
				}
				if err := printStuck(cmd, overdue, asJSON); err != nil {
					return err
				}
				if restart {
					return restartMatches(cmd, s, store, row.ID, overdue)
				}
				if len(overdue) > 0 {
					return fmt.Errorf("%d matches stand still", len(overdue))
				}
				return nil
			})
		},
	}
	stuck.Flags().StringVar(&id, "city", "", "the city")
	stuck.Flags().BoolVar(&restart, "restart", false, "start the workflow of each that has none")
	stuck.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a match")
	_ = stuck.MarkFlagRequired("city")
	command.AddCommand(stuck)
	return command
}

// mostStuck is how many are listed at a time, the oldest.
const mostStuck = 1000

func printStuck(cmd *cobra.Command, overdue []postgres.Overdue, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(cmd.OutOrStdout())
		for _, o := range overdue {
			err := encoder.Encode(map[string]any{"match": o.Match.String(), "state": o.State, "since": o.Since, "until": o.Until})
			if err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MATCH\tSTATE\tOVERDUE FOR")
	for _, o := range overdue {
		fmt.Fprintf(table, "%s\t%s\t%s\n", o.Match, o.State, time.Since(o.Until).Round(time.Second))
	}
	return table.Flush()
}

func restartMatches(cmd *cobra.Command, s *services, store *postgres.Store, id city.ID, overdue []postgres.Overdue) error {
	temporal, err := s.temporal()
	if err != nil {
		return err
	}
	if _, err := operatorHere(cmd.Context(), store, id, "restart matches that stand still"); err != nil {
		return err
	}
	for _, o := range overdue {
		if _, err := repair.RestartMatch(cmd.Context(), store, workflows.Starter{Client: temporal}, id, o.Match); err != nil {
			return fmt.Errorf("match %s: %w", o.Match, err)
		}
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d workflows run\n", len(overdue))
	return err
}
