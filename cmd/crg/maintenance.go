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
	"github.com/city-resource-graph/crg/workflows"
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
	add := func(use, short string, run func(context.Context, *services, *postgres.Store) (*postgres.Maintenance, error)) *cobra.Command {
		sub := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return withStores(cmd, func(s *services, store *postgres.Store) error {
				m, err := run(cmd.Context(), s, store)
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
	on := add("on --city CITY --reason TEXT", "Answer whatever is new with 503 and pause the schedules; decisions and workflows go on",
		func(ctx context.Context, s *services, store *postgres.Store) (*postgres.Maintenance, error) {
			return beginMaintenance(ctx, s, store, city.ID(id), reason)
		})
	on.Flags().StringVar(&reason, "reason", "", "why; callers are told")
	_ = on.MarkFlagRequired("reason")
	add("off --city CITY", "Take new things in again",
		func(ctx context.Context, s *services, store *postgres.Store) (*postgres.Maintenance, error) {
			return nil, endMaintenance(ctx, s, store, city.ID(id))
		})
	add("status --city CITY", "Say whether the city takes new things in",
		func(ctx context.Context, _ *services, store *postgres.Store) (*postgres.Maintenance, error) {
			if _, err := store.City(ctx, city.ID(id)); err != nil {
				return nil, err
			}
			return store.Maintenance(ctx, city.ID(id))
		})
	return command
}

func beginMaintenance(ctx context.Context, s *services, store *postgres.Store, id city.ID, reason string) (*postgres.Maintenance, error) {
	schedules, err := s.heldSchedules()
	if err != nil {
		return nil, err
	}
	actor, err := operatorHere(ctx, store, id, "begin maintenance")
	if err != nil {
		return nil, err
	}
	m, err := store.BeginMaintenance(ctx, postgres.Maintenance{City: id, Reason: reason, Actor: actor})
	if err != nil {
		return nil, err
	}
	return &m, schedules.Hold(ctx, id, reason)
}

// endMaintenance leaves the city as it is while its schedules cannot be told, so that it may be repeated.
func endMaintenance(ctx context.Context, s *services, store *postgres.Store, id city.ID) error {
	schedules, err := s.heldSchedules()
	if err != nil {
		return err
	}
	if _, err := operatorHere(ctx, store, id, "end maintenance"); err != nil {
		return err
	}
	if err := schedules.Release(ctx, id); err != nil {
		return err
	}
	return store.EndMaintenance(ctx, id)
}

// heldSchedules are those that a maintenance pauses; without the server nobody could.
func (s *services) heldSchedules() (workflows.Scheduler, error) {
	if err := s.config.require("TEMPORAL_ADDRESS"); err != nil {
		return workflows.Scheduler{}, err
	}
	return s.scheduler()
}

// operatorHere names who types the command, and records in the audit what is about to be done to a city.
func operatorHere(ctx context.Context, store *postgres.Store, id city.ID, action string) (string, error) {
	if _, err := store.City(ctx, id); err != nil {
		return "", err
	}
	actor := "command line"
	if who, err := user.Current(); err == nil {
		actor = who.Username + " (command line)"
	}
	return actor, store.AppendAudit(ctx, postgres.AuditEntry{
		City: id, Actor: actor, Role: city.Operator, Action: action, Kind: "city", Subject: string(id),
	})
}
