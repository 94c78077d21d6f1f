package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

// newEventsCommand follows what changes in a city, over the API as anybody with a key can.
func newEventsCommand() *cobra.Command {
	var address, key, after string
	var asJSON bool
	command := &cobra.Command{
		Use:   "events --key KEY [--after ID] [--json]",
		Short: "Print changes of a city as they happen, until interrupted; resumes by itself",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := loadConfig()
			if err != nil {
				return err
			}
			if address == "" {
				address = "http://" + config.APIAddress
			}
			client, err := crgclient.New(address, key)
			if err != nil {
				return usage(err)
			}
			// Following waits for an API that goes away; one that was never there is an address typed wrong.
			if _, err := client.GetHealthWithResponse(cmd.Context()); err != nil {
				return fmt.Errorf("no API at %s (see --api): %w", address, err)
			}
			out := cmd.OutOrStdout()
			err = client.Follow(cmd.Context(), after, func(event crgclient.Event) error {
				if asJSON {
					return json.NewEncoder(out).Encode(event)
				}
				line, err := eventLine(event)
				if err == nil {
					_, err = fmt.Fprintln(out, line)
				}
				return err
			})
			if errors.Is(err, context.Canceled) { // interrupted, as it is meant to end
				return nil
			}
			return err
		},
	}
	flags := command.Flags()
	flags.StringVar(&address, "api", "", "address of the API; http:// and CRG_API_ADDRESS without")
	flags.StringVar(&key, "key", "", "API key; what it may see is printed")
	flags.StringVar(&after, "after", "", "id of the last event that was got; 0 for all that are kept; only new ones without")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object for each event")
	_ = command.MarkFlagRequired("key")
	return command
}

// eventLine is an event for people; of a run or an import also how far it is.
func eventLine(event crgclient.Event) (string, error) {
	var said struct {
		ID, State, At, Stage string
		Done, Total          int64
	}
	if err := json.Unmarshal(event.Data, &said); err != nil {
		return "", fmt.Errorf("event %s: %w", event.ID, err)
	}
	line := fmt.Sprintf("%s  %8s  %-11s  %-12s  %s", said.At, event.ID, event.Topic, said.State, said.ID)
	if said.Stage != "" {
		line += fmt.Sprintf("  %s, %d of %d", said.Stage, said.Done, said.Total)
	}
	return line, nil
}
