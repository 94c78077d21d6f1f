package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/codec"
)

// newCodecCommand makes keys that seal what workflows carry.
func newCodecCommand() *cobra.Command {
	command := &cobra.Command{Use: "codec new-key", Short: "Make keys that seal what workflows carry", Args: cobra.ArbitraryArgs, RunE: helpOrUnknown}
	var id string
	newKey := &cobra.Command{
		Use:   "new-key [--id ID]",
		Short: "Print a new key for CRG_CODEC_KEYS: put it in front to seal with it, keep the old ones behind it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			key, err := codec.NewKey(id)
			if err != nil {
				return usage(err)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), key)
			return err
		},
	}
	newKey.Flags().StringVar(&id, "id", time.Now().UTC().Format("2006-01-02"), "name of the key; it stands beside everything that is sealed with it")
	command.AddCommand(newKey)
	return command
}
