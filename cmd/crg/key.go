package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// newKeyCommand makes API keys. The first key of a city can only be made here, next to the database.
func newKeyCommand() *cobra.Command {
	command := &cobra.Command{Use: "key create", Short: "Make API keys", Args: cobra.ArbitraryArgs, RunE: helpOrUnknown}
	var new api.NewKey
	var cityID, participant, worksFor string
	var roles []string
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
	flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	_ = create.MarkFlagRequired("city")
	_ = create.MarkFlagRequired("role")
	command.AddCommand(create)
	return command
}
