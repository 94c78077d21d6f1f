package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/workflows"
)

// newGraphCommand compares the graph with the rows and mends it, and stops and resumes its projection.
func newGraphCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "graph reconcile|pause|resume", Short: "Look after the graph: compare it with the rows, stop and resume its projection",
		Args: cobra.ArbitraryArgs, RunE: helpOrUnknown,
	}
	var rebuild, asJSON bool
	reconcile := &cobra.Command{
		Use:   "reconcile [--rebuild]",
		Short: "Compare the graph with the rows of every city, repair what differs, and say what did; a worker with NEO4J_URI must run",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withTemporal(cmd, func(ctx context.Context, _ *services, temporal client.Client) error {
				started, err := workflows.Starter{Client: temporal}.ReconcileGraph(ctx, activities.ReconcileInput{Rebuild: rebuild})
				if err != nil {
					return err
				}
				var found activities.Reconciled
				if err := temporal.GetWorkflow(ctx, started.WorkflowID, started.RunID).Get(ctx, &found); err != nil {
					return fmt.Errorf("reconciliation %s: %w", started.WorkflowID, err)
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(found)
				}
				return printReconciled(cmd.OutOrStdout(), found)
			})
		},
	}
	reconcile.Flags().BoolVar(&rebuild, "rebuild", false, "throw the graph away and build it from nothing")
	reconcile.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	command.AddCommand(reconcile)
	for use, paused := range map[string]bool{"pause": true, "resume": false} {
		command.AddCommand(&cobra.Command{
			Use: use, Short: map[bool]string{true: "Stop the projection, as for a backup of the graph", false: "Let the projection go on"}[paused],
			Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return withTemporal(cmd, func(ctx context.Context, _ *services, temporal client.Client) error {
					return workflows.Starter{Client: temporal}.PauseProjection(ctx, paused)
				})
			},
		})
	}
	return command
}

func printReconciled(w io.Writer, found activities.Reconciled) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CITY\tPARTICIPANTS\tRELATIONS\tDIFFERED")
	for _, c := range found.Cities {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\n", c.City, c.Participants, c.Relations, c.Differing)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d participants differed and were repaired\n", found.Differing)
	return err
}
