package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/blobs"
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
			config, err := loadConfig()
			if err != nil {
				return err
			}
			if err := config.require("DATABASE_URL", "TEMPORAL_ADDRESS", "CRG_BLOBS"); err != nil {
				return err
			}
			s := newServices(config, cmd.ErrOrStderr())
			defer s.close()
			stores := consistency.Stores{}
			if stores.Database, err = s.store(cmd.Context()); err != nil {
				return err
			}
			if stores.Objects, err = blobs.Open(cmd.Context(), config.Blobs); err != nil {
				return err
			}
			defer func() { _ = stores.Objects.Close() }()
			if stores.Graph, err = s.graph(); err != nil {
				return err
			}
			if stores.Temporal, err = s.temporal(); err != nil {
				return err
			}
			result, err := consistency.Check(cmd.Context(), stores)
			if err != nil {
				return err
			}
			return printFindings(cmd.OutOrStdout(), result, asJSON)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
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
