package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/schedules"
	"github.com/city-resource-graph/crg/workflows"
)

func newSchedulesCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "schedules",
		Short: "Make the regular work of a city what a file says",
		Long: `The file is the whole of what the city does regularly: what it does not name is removed. docs/schedules.md describes it.
Whether a schedule is paused is not part of the file; people say so over the API.`,
	}
	command.AddCommand(newSchedulesDiffCommand(), newSchedulesApplyCommand())
	return command
}

func newSchedulesDiffCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "diff FILE",
		Short: "Say how the schedules of the server differ from a file; exit code 1 when they do",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withSchedules(cmd, args[0], func(ctx context.Context, s workflows.Scheduler, f *schedules.File) error {
				changes, err := s.Diff(ctx, f)
				if err != nil {
					return err
				}
				if err := printChanges(cmd.OutOrStdout(), changes, asJSON, "would "); err != nil {
					return err
				}
				if len(changes) > 0 {
					return fmt.Errorf("%d of the city's schedules differ from %s", len(changes), args[0])
				}
				return nil
			})
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

func newSchedulesApplyCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "apply FILE",
		Short: "Make the schedules of the server equal to a file, all of them or none",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withSchedules(cmd, args[0], func(ctx context.Context, s workflows.Scheduler, f *schedules.File) error {
				changes, err := s.Apply(ctx, f)
				if err != nil {
					return err
				}
				return printChanges(cmd.OutOrStdout(), changes, asJSON, "did ")
			})
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

// withSchedules reads and checks the file before anything is asked of a server.
func withSchedules(cmd *cobra.Command, path string, do func(context.Context, workflows.Scheduler, *schedules.File) error) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return usage(err)
	}
	f, err := schedules.Parse(path, content, workflows.Kinds(), time.Now())
	if err != nil {
		return usage(err)
	}
	ctx := cmd.Context()
	return withStores(cmd, func(s *services, store *postgres.Store) error {
		if err := s.config.require("TEMPORAL_ADDRESS"); err != nil {
			return err
		}
		if err := knownPlaces(ctx, store, path, f); err != nil {
			return err
		}
		scheduler, err := s.scheduler()
		if err != nil {
			return err
		}
		if err := workflows.RegisterSearchAttributes(ctx, scheduler.Client, s.config.TemporalNamespace); err != nil {
			return err
		}
		return do(ctx, scheduler, f)
	})
}

// knownPlaces refuses a city and wards that the database does not have.
func knownPlaces(ctx context.Context, store *postgres.Store, path string, f *schedules.File) error {
	if _, err := store.City(ctx, f.City); errors.Is(err, postgres.ErrNotFound) {
		return usagef("%s, line %d: city %q: want one that is installed, see crg city", path, f.Line, f.City)
	} else if err != nil {
		return err
	}
	wards, err := store.Wards(ctx, f.City)
	if err != nil {
		return err
	}
	if err := f.CheckWards(postgres.WardIDs(wards)); err != nil {
		return usagef("%s, %w", path, err)
	}
	return nil
}

func printChanges(out io.Writer, changes []schedules.Change, asJSON bool, verb string) error {
	if asJSON {
		if changes == nil {
			changes = []schedules.Change{}
		}
		return json.NewEncoder(out).Encode(map[string]any{"changes": changes})
	}
	if len(changes) == 0 {
		_, err := fmt.Fprintln(out, "the schedules are what the file says")
		return err
	}
	for _, c := range changes {
		if _, err := fmt.Fprintln(out, verb+c.String()); err != nil {
			return err
		}
	}
	return nil
}
