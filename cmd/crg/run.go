package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/consistency"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/repair"
)

// newRunCommand looks after what matching runs left in object storage.
func newRunCommand() *cobra.Command {
	command := &cobra.Command{Use: "run check|restore", Short: "Look after the stored proof of a matching run", Args: cobra.ArbitraryArgs, RunE: helpOrUnknown}
	command.AddCommand(
		newRunSubcommand("check --city CITY [RUN]",
			"Read back a run's files (the last one's without RUN) and say what its certificate says; exit code 1 where one is lost or changed", checkRun),
		newRunSubcommand("restore --city CITY [RUN]",
			"Compute a run's lost or changed files anew from its snapshot, and put back those that are the same to the bit", restoreRun),
	)
	return command
}

func newRunSubcommand(use, short string, do func(*cobra.Command, *services, *postgres.Store, postgres.Run) error) *cobra.Command {
	var id string
	command := &cobra.Command{
		Use: use, Short: short, Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStores(cmd, func(s *services, store *postgres.Store) error {
				run, err := runOf(cmd, store, city.ID(id), args)
				if err != nil {
					return err
				}
				return do(cmd, s, store, run)
			})
		},
	}
	command.Flags().StringVar(&id, "city", "", "the city")
	_ = command.MarkFlagRequired("city")
	return command
}

// runOf is the run that is named, or the last one that came to an end of its own.
func runOf(cmd *cobra.Command, store *postgres.Store, id city.ID, named []string) (postgres.Run, error) {
	if len(named) == 1 {
		return store.Run(cmd.Context(), id, city.RunID(named[0]))
	}
	recent, _, err := store.ListRuns(cmd.Context(), id, postgres.Page{Limit: 100})
	if err != nil {
		return postgres.Run{}, err
	}
	for _, run := range recent {
		if run.State == postgres.RunCompleted || run.State == postgres.RunFailed {
			return run, nil
		}
	}
	return postgres.Run{}, fmt.Errorf("city %s has no run that came to an end: %w", id, postgres.ErrNotFound)
}

func checkRun(cmd *cobra.Command, s *services, _ *postgres.Store, run postgres.Run) error {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "run %s of %s: %s %s\n", run.ID, run.City, run.State, run.Error)
	objects, err := s.objects(cmd.Context())
	if err != nil {
		return err
	}
	damaged, err := consistency.RunFiles(cmd.Context(), objects, run)
	if err != nil {
		return err
	}
	for _, f := range damaged {
		fmt.Fprintf(out, "%s: %s\n", f.Subject, f.Detail)
	}
	if len(damaged) > 0 {
		return fmt.Errorf("%d files are not what was recorded: see 'crg run restore'", len(damaged))
	}
	if run.State != postgres.RunCompleted {
		return fmt.Errorf("run %s is %s", run.ID, run.State)
	}
	files, err := activities.ReadRunFiles(cmd.Context(), objects, run)
	if err != nil {
		return err
	}
	c := files.Certificate
	for _, f := range c.Floors {
		fmt.Fprintf(out, "floor of %d of %s: they get %d, at a bonus of %d a unit\n", f.Least, f.Title(), f.Reached, f.Bonus)
	}
	for _, t := range c.Tiers {
		fmt.Fprintf(out, "urgency %d, served in strict order: value %d, bound %d\n", t.Tier, t.Value, t.Bound)
	}
	if c.Net != nil {
		fmt.Fprintf(out, "without bonuses: value %d, bound %d, gap %d\n", c.Net.Value, c.Net.Bound, c.Net.Gap)
	}
	_, err = fmt.Fprintf(out, "its files are those that were recorded; value %d, bound %d, gap %d, engine %s, tables for crg verify-run in %s\n",
		c.Value, c.Bound, c.Gap, c.Engine, c.Tables)
	return err
}

func restoreRun(cmd *cobra.Command, s *services, store *postgres.Store, run postgres.Run) error {
	objects, err := s.objects(cmd.Context())
	if err != nil {
		return err
	}
	if _, err := operatorHere(cmd.Context(), store, run.City, "restore the files of run "+string(run.ID)); err != nil {
		return err
	}
	restored, err := repair.RestoreRun(cmd.Context(), store, objects, run)
	if err != nil {
		return err
	}
	if len(restored) == 0 {
		_, err = fmt.Fprintln(cmd.OutOrStdout(), "nothing to put back")
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "put back, to the bit: %s\n", strings.Join(restored, ", "))
	return err
}
