package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/workers"
)

// newWorkersCommand shows how the workers stand, and waits until an old version of them can go.
func newWorkersCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "workers status|current|drain", Short: "Look at the workers, and say which version gets new work",
		Args: cobra.ArbitraryArgs, RunE: helpOrUnknown,
	}
	command.AddCommand(newWorkersStatusCommand(), newWorkersCurrentCommand(), newWorkersDrainCommand())
	return command
}

func newWorkersStatusCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use: "status", Short: "Print the versions, and of each queue its pollers and what waits; exit code 1 when work waits and nobody polls",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withWorkers(cmd, func(read func(context.Context) (workers.Status, error)) error {
				status, err := read(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					err = json.NewEncoder(cmd.OutOrStdout()).Encode(status)
				} else {
					err = printWorkers(cmd.OutOrStdout(), status)
				}
				if err != nil {
					return err
				}
				for _, queue := range status.Queues {
					if queue.Backlog > 0 && len(queue.Pollers) == 0 {
						return fmt.Errorf("%d tasks wait in queue %s and nobody polls it: start `crg worker`", queue.Backlog, queue.Queue)
					}
				}
				return nil
			})
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

func newWorkersCurrentCommand() *cobra.Command {
	var build string
	command := &cobra.Command{
		Use:   "current --build ID",
		Short: "Make a version the current one, as to go back to the one before; its workers must run. The other one's workers may be stopped then",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withTemporal(cmd, func(ctx context.Context, _ *services, temporal client.Client) error {
				if err := workers.MakeCurrent(ctx, temporal, workers.DefaultDeployment, build); err != nil {
					return err
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "version %s is current\n", build)
				return err
			})
		},
	}
	command.Flags().StringVar(&build, "build", "", "build id of the version")
	_ = command.MarkFlagRequired("build")
	return command
}

func newWorkersDrainCommand() *cobra.Command {
	var build string
	var wait time.Duration
	command := &cobra.Command{
		Use:   "drain [--build ID] [--wait 1h]",
		Short: "Wait until no execution is pinned to an old version, so that its workers can be stopped; exit code 1 while some are",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), wait)
			defer cancel()
			return withWorkers(cmd, func(read func(context.Context) (workers.Status, error)) error {
				return drain(ctx, cmd.OutOrStdout(), build, func() (workers.Status, error) { return read(cmd.Context()) })
			})
		},
	}
	command.Flags().StringVar(&build, "build", "", "build id of the version; every one that is not current without")
	command.Flags().DurationVar(&wait, "wait", 0, "how long to wait; only looks without")
	return command
}

// drainLook is how often a draining version is looked at; the server itself looks every few minutes.
const drainLook = 5 * time.Second

func drain(ctx context.Context, w io.Writer, build string, read func() (workers.Status, error)) error {
	for {
		status, err := read()
		if err != nil {
			return err
		}
		left, err := status.Undrained(build)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			_, err := fmt.Fprintln(w, "drained: workers of versions that are not current can be stopped")
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("executions are still pinned to %s: let its workers run", strings.Join(left, ", "))
		case <-time.After(drainLook):
		}
	}
}

func withWorkers(cmd *cobra.Command, do func(read func(context.Context) (workers.Status, error)) error) error {
	return withTemporal(cmd, func(_ context.Context, s *services, temporal client.Client) error {
		return do(func(ctx context.Context) (workers.Status, error) {
			return workers.ReadStatus(ctx, temporal, s.config.TemporalNamespace, workers.DefaultDeployment, "")
		})
	})
}

func printWorkers(w io.Writer, status workers.Status) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "VERSION\tSTATE\tCREATED")
	for _, v := range status.Versions {
		fmt.Fprintf(table, "%s\t%s\t%s\n", v.BuildID, v.State, v.Created.UTC().Format(time.RFC3339))
	}
	fmt.Fprintln(table, "\nQUEUE\tKIND\tPOLLERS\tBACKLOG\tOLDEST")
	for _, q := range status.Queues {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\n", q.Queue, q.Kind, len(q.Pollers), q.Backlog, q.Age.Round(time.Second))
	}
	return table.Flush()
}
