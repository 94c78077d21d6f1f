package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/postgres"
)

// newOutboxCommand shows how far the readers of the outbox are.
func newOutboxCommand() *cobra.Command {
	command := &cobra.Command{Use: "outbox status", Short: "Look at the outbox", Args: cobra.ArbitraryArgs, RunE: helpOrUnknown}
	var asJSON bool
	status := &cobra.Command{
		Use: "status", Short: "Print how long the oldest unread event waits for each reader, and who holds up the relay; exit code 1 above a minute",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withStores(cmd, func(_ *services, store *postgres.Store) error {
				lag, err := store.OutboxLag(cmd.Context())
				if err != nil {
					return err
				}
				holders, err := store.OutboxHolders(cmd.Context())
				if err != nil {
					return err
				}
				if err := printOutbox(cmd, lag, holders, asJSON); err != nil {
					return err
				}
				for reader, wait := range lag {
					if wait > time.Minute {
						return fmt.Errorf("events wait %s for reader %s", wait.Round(time.Second), reader)
					}
				}
				return nil
			})
		},
	}
	status.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	command.AddCommand(status)
	return command
}

func printOutbox(cmd *cobra.Command, lag map[string]time.Duration, holders []postgres.LockHolder, asJSON bool) error {
	if asJSON {
		seconds := map[string]float64{}
		for reader, wait := range lag {
			seconds[reader] = wait.Seconds()
		}
		return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"lag_seconds": seconds, "holders": holders})
	}
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "READER\tOLDEST UNREAD EVENT")
	for _, reader := range slices.Sorted(maps.Keys(lag)) {
		fmt.Fprintf(table, "%s\t%s\n", reader, lag[reader].Round(time.Second))
	}
	for _, h := range holders {
		fmt.Fprintf(table, "\nprocess %d of PostgreSQL (%s, %s) holds the outbox since %s: %s\n", h.PID, h.User, h.State, h.Since.UTC().Format(time.RFC3339), h.Query)
	}
	return table.Flush()
}
