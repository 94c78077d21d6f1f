package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/edgelist"
)

// verifyReport is what crg verify-run prints with --json.
type verifyReport struct {
	Valid     bool                  `json:"valid"`
	Violation *edgelist.Violation   `json:"violation,omitempty"`
	Proven    *edgelist.Certificate `json:"certificate,omitempty"`
	Kept      *keptReport           `json:"kept,omitempty"` // of a run with floors
}

func newVerifyRunCommand() *cobra.Command {
	var files edgelist.Files
	var asJSON bool
	var snapshot string
	command := &cobra.Command{
		Use:   "verify-run DIR --needs FILE --resources FILE --edges FILE",
		Short: "Check a result folder of crg solve against its input, with code that shares nothing with the solver",
		Long: `Checks, from the files alone, that the allocation is feasible, that it is worth what it claims, and that no
allocation can be worth more than the bound. Exit code 1 names the first violation.

The input of a matching run is the candidates that were kept. --snapshot FILE, the run's frozen snapshot (JSON, or .gz),
checks in addition that every edge is the pair that the snapshot makes of it, and, pair by pair, that nothing that was
left out could be worth more than its two prices: then the proof holds for the whole city. Where the run had floors, it
checks that they are kept, and says what value and bound are without their bonuses.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("want one result folder: see crg %s --help", cmd.Name())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runVerify(cmd.Context(), args[0], files, snapshot, asJSON, cmd.OutOrStdout())
		},
	}
	addFileFlags(command, &files)
	command.Flags().StringVar(&snapshot, "snapshot", "", "frozen snapshot of a matching run: check the candidates, too")
	command.Flags().BoolVar(&asJSON, "json", false, "print the finding as one JSON object")
	return command
}

func runVerify(ctx context.Context, dir string, files edgelist.Files, snapshot string, asJSON bool, out io.Writer) error {
	if err := edgelist.CheckResultFolder(dir); err != nil {
		return usage(err)
	}
	in, err := edgelist.Read(files, 0)
	if err != nil {
		return usage(err)
	}
	certificate, err := edgelist.Verify(dir, in)
	var violation *edgelist.Violation
	if err != nil && !errors.As(err, &violation) {
		return err
	}
	var kept *keptReport
	if err == nil && snapshot != "" {
		if kept, err = verifyCandidates(ctx, dir, files, snapshot); err != nil {
			return err
		}
	}
	if asJSON {
		report := verifyReport{Valid: err == nil, Violation: violation, Proven: certificate, Kept: kept}
		if e := json.NewEncoder(out).Encode(report); e != nil {
			return e
		}
		return err
	}
	if err != nil {
		return fmt.Errorf("%s does not hold: %w", dir, err)
	}
	claim := "optimal: no allocation is worth more"
	if !certificate.Optimal {
		claim = fmt.Sprintf("no allocation is worth more than %d", certificate.Bound)
	}
	if snapshot != "" {
		claim += ", of all pairs of the snapshot"
	}
	if _, err = fmt.Fprintf(out, "%s holds: worth %d; %s\n", dir, certificate.Value, claim); err != nil {
		return err
	}
	tellFavoured(out, certificate.Unweighted, certificate.Floors, certificate.Tiers)
	if kept == nil {
		return nil
	}
	for _, f := range kept.Floors {
		fmt.Fprintf(out, "the floor of %d of %s is kept: they get %d, at a bonus of %d a unit\n", f.Least, f.Title(), f.Reached, f.Bonus)
	}
	_, err = fmt.Fprintf(out, "without bonuses it is worth %d, and no allocation that keeps the floors more than %d\n", kept.Net.Value, kept.Net.Bound)
	return err
}
