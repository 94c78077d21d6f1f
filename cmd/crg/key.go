package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// newKeyCommand makes API keys. The first key of a city can only be made here, next to the database.
func newKeyCommand() *cobra.Command {
	command := &cobra.Command{Use: "key create|list|revoke", Short: "Make API keys, list them, end them", Args: cobra.ArbitraryArgs, RunE: helpOrUnknown}
	command.AddCommand(newKeyCreateCommand(), newKeyListCommand(), newKeyRevokeCommand())
	return command
}

func newKeyCreateCommand() *cobra.Command {
	var new api.NewKey
	var cityID, participant, worksFor string
	var roles []string
	var lasts time.Duration
	var asJSON bool
	create := &cobra.Command{
		Use:   "create --city CITY --actor NAME --role ROLE [--role ROLE ...] [--participant ID]",
		Short: "Make a key and print it, this once: only its hash is kept",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			new.City, new.Participant, new.WorksFor = city.ID(cityID), city.ParticipantID(participant), city.ParticipantID(worksFor)
			for _, role := range roles {
				new.Roles = append(new.Roles, city.Role(role))
			}
			switch {
			case lasts < 0:
				return usagef("--lasts %s: want a time ahead, such as 2160h", lasts)
			case lasts > 0:
				end := time.Now().Add(lasts)
				new.ExpiresAt = &end
			}
			return withStores(cmd, func(_ *services, store *postgres.Store) error {
				text, id, err := api.CreateKey(cmd.Context(), store, new)
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]string{"id": id, "key": text})
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
				return err
			})
		},
	}
	flags := create.Flags()
	flags.StringVar(&cityID, "city", "", "city that the key is of")
	flags.StringVar(&new.Actor, "actor", "", "who acts with it, as decisions and audit rows name them")
	flags.StringVar(&participant, "participant", "", "participant that the key acts for (roles lister, requester)")
	flags.StringVar(&worksFor, "works-for", "", "participant that a person of the city works for besides; they do not sign on its matches")
	flags.StringSliceVar(&roles, "role", nil, "lister, requester, approver, matcher, operator or auditor")
	flags.DurationVar(&lasts, "lasts", 0, "how long it is good for, such as 2160h; until it is revoked when 0")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	_ = create.MarkFlagRequired("city")
	_ = create.MarkFlagRequired("role")
	return create
}

func newKeyListCommand() *cobra.Command {
	var id string
	var asJSON bool
	list := &cobra.Command{
		Use:   "list --city CITY",
		Short: "List a city's keys, by the id that each begins with; never the keys themselves",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withStores(cmd, func(_ *services, store *postgres.Store) error {
				if _, err := store.City(cmd.Context(), city.ID(id)); err != nil {
					return err
				}
				keys, err := store.ListKeys(cmd.Context(), city.ID(id))
				if err != nil {
					return err
				}
				return printKeys(cmd.OutOrStdout(), keys, asJSON)
			})
		},
	}
	list.Flags().StringVar(&id, "city", "", "city that the keys are of")
	list.Flags().BoolVar(&asJSON, "json", false, "print one JSON object for each key")
	_ = list.MarkFlagRequired("city")
	return list
}

// keyLine is what is shown of a key.
type keyLine struct {
	ID          string             `json:"id"`
	Actor       string             `json:"actor"`
	Roles       []city.Role        `json:"roles"`
	Participant city.ParticipantID `json:"participant,omitempty"`
	WorksFor    city.ParticipantID `json:"works_for,omitempty"`
	CreatedAt   time.Time          `json:"created_at"`
	ExpiresAt   *time.Time         `json:"expires_at,omitempty"`
	RevokedAt   *time.Time         `json:"revoked_at,omitempty"`
}

func printKeys(w io.Writer, keys []postgres.Key, asJSON bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(table, "KEY\tACTOR\tROLES\tPARTICIPANT\tCREATED\tENDS")
	}
	for _, k := range keys {
		line := keyLine{k.ID, k.Actor, k.Roles, k.Participant, k.WorksFor, k.CreatedAt, k.ExpiresAt, k.RevokedAt}
		if asJSON {
			if err := json.NewEncoder(w).Encode(line); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Actor, roleList(k.Roles), k.Participant, k.CreatedAt.UTC().Format(time.RFC3339), line.ends())
	}
	return table.Flush()
}

func (k keyLine) ends() string {
	switch {
	case k.RevokedAt != nil:
		return "revoked " + k.RevokedAt.UTC().Format(time.RFC3339)
	case k.ExpiresAt != nil:
		return k.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return "-"
}

func roleList(roles []city.Role) string {
	var names []string
	for _, role := range roles {
		names = append(names, string(role))
	}
	return strings.Join(names, ",")
}

func newKeyRevokeCommand() *cobra.Command {
	var id string
	revoke := &cobra.Command{
		Use:   "revoke KEY --city CITY",
		Short: "End a key at once, by its id as crg key list shows it; what was done with it stays",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStores(cmd, func(_ *services, store *postgres.Store) error {
				return api.RevokeKey(cmd.Context(), store, city.ID(id), args[0])
			})
		},
	}
	revoke.Flags().StringVar(&id, "city", "", "city that the key is of")
	_ = revoke.MarkFlagRequired("city")
	return revoke
}
