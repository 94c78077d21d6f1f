package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/user"
	"time"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// newMaintenanceCommand stops a city's intake and resumes it, next to the database; over REST operators do the same.
func newMaintenanceCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "maintenance on|off|status", Short: "Stop a city's intake, let what is under way end, resume", Args: cobra.ArbitraryArgs, RunE: helpOrUnknown,
	}
	var id, reason string
	var asJSON bool
	show := func(cmd *cobra.Command, m *postgres.Maintenance) error {
		out := cmd.OutOrStdout()
		if asJSON {
			return json.NewEncoder(out).Encode(map[string]any{"city": id, "active": m != nil, "maintenance": m})
		}
		if m == nil {
			_, err := fmt.Fprintf(out, "city %s takes new things in\n", id)
			return err
		}
		_, err := fmt.Fprintf(out, "city %s takes nothing new in since %s, by %s: %s\n", id, m.Since.UTC().Format(time.RFC3339), m.Actor, m.Reason)
		return err
	}
	add := func(use, short string, run func(ctx context.Context, store *postgres.Store) (*postgres.Maintenance, error)) *cobra.Command {
		sub := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return withStore(cmd, func(store *postgres.Store) error {
				m, err := run(cmd.Context(), store)
				if err != nil {
					return err
				}
				return show(cmd, m)
			})
		}}
		sub.Flags().StringVar(&id, "city", "", "the city")
		sub.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
		_ = sub.MarkFlagRequired("city")
		command.AddCommand(sub)
		return sub
	}
	on := add("on --city CITY --reason TEXT", "Answer whatever is new with 503; decisions and workflows go on",
		func(ctx context.Context, store *postgres.Store) (*postgres.Maintenance, error) {
			actor, err := operatorHere(ctx, store, city.ID(id), "begin maintenance")
			if err != nil {
				return nil, err
			}
			m, err := store.BeginMaintenance(ctx, postgres.Maintenance{City: city.ID(id), Reason: reason, Actor: actor})
			return &m, err
		})
	on.Flags().StringVar(&reason, "reason", "", "why; callers are told")
	_ = on.MarkFlagRequired("reason")
	add("off --city CITY", "Take new things in again", func(ctx context.Context, store *postgres.Store) (*postgres.Maintenance, error) {
		if _, err := operatorHere(ctx, store, city.ID(id), "end maintenance"); err != nil {
			return nil, err
		}
		return nil, store.EndMaintenance(ctx, city.ID(id))
	})
	add("status --city CITY", "Say whether the city takes new things in", func(ctx context.Context, store *postgres.Store) (*postgres.Maintenance, error) {
		if _, err := store.City(ctx, city.ID(id)); err != nil {
			return nil, err
		}
		return store.Maintenance(ctx, city.ID(id))
	})
	return command
}

// withStore opens the database for one command.
func withStore(cmd *cobra.Command, do func(*postgres.Store) error) error {
	return withStores(cmd, func(_ *services, store *postgres.Store) error { return do(store) })
}

// operatorHere names who types the command, and records in the audit what is about to be done to a city.
func operatorHere(ctx context.Context, store *postgres.Store, id city.ID, action string) (string, error) {
	actor := "command line"
	if who, err := user.Current(); err == nil {
		actor = who.Username + " (command line)"
	}
	return actor, store.AppendAudit(ctx, postgres.AuditEntry{
		City: id, Actor: actor, Role: city.Operator, Action: action, Kind: "city", Subject: string(id),
	})
}
