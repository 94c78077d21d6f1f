package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/consistency"
)

// newCheckCommand verifies every invariant across the stores, read-only.
func newCheckCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "check",
		Short: "Verify every invariant across PostgreSQL, object storage and Temporal; reads only, exit code 1 on a finding",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withServices(cmd, func(s *services) error {
				stores, err := s.stores(cmd.Context())
				if err != nil {
					return err
				}
				result, err := consistency.Check(cmd.Context(), stores)
				if err != nil {
					return err
				}
				return printFindings(cmd.OutOrStdout(), result, asJSON)
			}, "DATABASE_URL", "TEMPORAL_ADDRESS", "CRG_BLOBS")
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

// stores opens all that is compared.
func (s *services) stores(ctx context.Context) (consistency.Stores, error) {
	stores := consistency.Stores{}
	var err error
	if stores.Database, err = s.store(ctx); err != nil {
		return stores, err
	}
	if stores.Objects, err = s.objects(ctx); err != nil {
		return stores, err
	}
	if stores.Graph, err = s.graph(); err != nil {
		return stores, err
	}
	stores.Temporal, err = s.temporal()
	return stores, err
}

func printFindings(w io.Writer, result consistency.Report, asJSON bool) error {
	if asJSON {
		if err := json.NewEncoder(w).Encode(result); err != nil {
			return err
		}
	} else {
		for _, f := range result.Findings {
			if _, err := fmt.Fprintf(w, "%s: city %s, %s: %s\n", f.Invariant, f.City, f.Subject, f.Detail); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(w, "%d invariants checked, %d findings\n", len(result.Invariants), len(result.Findings)); err != nil {
			return err
		}
	}
	if n := len(result.Findings); n > 0 {
		return fmt.Errorf("%d findings", n)
	}
	return nil
}
