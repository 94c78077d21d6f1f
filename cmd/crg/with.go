package main

import (
	"context"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/postgres"
)

// withServices reads the settings, requires some of them, and closes what the command opened when it is done.
func withServices(cmd *cobra.Command, do func(*services) error, required ...string) error {
	config, err := loadConfig()
	if err != nil {
		return err
	}
	if err := config.require(required...); err != nil {
		return err
	}
	s := newServices(config, cmd.ErrOrStderr())
	defer s.close()
	return do(s)
}

// withStores opens the database for one command that may open more.
func withStores(cmd *cobra.Command, do func(*services, *postgres.Store) error) error {
	return withServices(cmd, func(s *services) error {
		store, err := s.store(cmd.Context())
		if err != nil {
			return err
		}
		return do(s, store)
	}, "DATABASE_URL")
}

// withTemporal opens a client for one command.
func withTemporal(cmd *cobra.Command, do func(context.Context, *services, client.Client) error) error {
	return withServices(cmd, func(s *services) error {
		temporal, err := s.temporal()
		if err != nil {
			return err
		}
		return do(cmd.Context(), s, temporal)
	}, "TEMPORAL_ADDRESS")
}
