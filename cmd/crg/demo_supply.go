package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/ingest/generate"
)

// addSupply makes a data folder beside the report that has the city's own files, and offers that nobody made.
func (o *demoOptions) addSupply(ctx context.Context, profile *ingest.City) error {
	if !slices.Contains(profile.Datasets(), generate.SupplyDataset) {
		return usagef("--generated-supply: the data of %s has offers of its own; it is for cities whose data only asks, such as akron and harvey", profile.Name)
	}
	data, err := ingest.Load(ctx, profile, o.data)
	if err != nil {
		return err
	}
	folder := filepath.Join(o.report, "data-with-generated-supply")
	if err := errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o755)); err != nil {
		return fmt.Errorf("data with generated supply: %w", err)
	}
	entries, err := os.ReadDir(o.data)
	if err != nil {
		return fmt.Errorf("data with generated supply: %w", err)
	}
	for _, entry := range entries {
		if entry.Name() == generate.SupplyFile {
			continue
		}
		if err := os.Symlink(filepath.Join(o.data, entry.Name()), filepath.Join(folder, entry.Name())); err != nil {
			return fmt.Errorf("data with generated supply: %w", err)
		}
	}
	o.data = folder
	return generate.Supply(filepath.Join(folder, generate.SupplyFile), data.Listings, uint64(o.seed)) //nolint:gosec // a seed is any 64 bits
}
