package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// newConfigCommand shows what is in force.
func newConfigCommand() *cobra.Command {
	var asJSON, asMarkdown bool
	command := &cobra.Command{
		Use:   "config",
		Short: "Show each key of the configuration in force and where it comes from; secrets are masked",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, list, err := readSettings(os.Getenv("CRG_CONFIG"), os.LookupEnv)
			switch {
			case asMarkdown:
				return writeKeys(cmd.OutOrStdout())
			case err != nil:
				return usage(err)
			case asJSON:
				err = writeSettingsJSON(cmd.OutOrStdout(), list)
			default:
				err = writeSettings(cmd.OutOrStdout(), list)
			}
			if wrong := config.validate(); wrong != nil {
				return usage(wrong)
			}
			return err
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	command.Flags().BoolVar(&asMarkdown, "markdown", false, "print the table of docs/configuration.md: keys, variables and defaults")
	return command
}

func writeSettings(w io.Writer, list []setting) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "KEY\tVALUE\tFROM\tVARIABLE")
	for i := range list {
		value := list[i].text()
		if value == "" {
			value = "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", list[i].key, value, list[i].from, list[i].env)
	}
	return table.Flush()
}

func writeSettingsJSON(w io.Writer, list []setting) error {
	type shown struct {
		Value    string `json:"value"`
		From     string `json:"from"`
		Variable string `json:"variable"`
	}
	keys := map[string]shown{}
	for i := range list {
		keys[list[i].key] = shown{list[i].text(), list[i].from, list[i].env}
	}
	return json.NewEncoder(w).Encode(keys)
}

// writeKeys prints what each key is, for the documentation.
func writeKeys(w io.Writer) error {
	var out strings.Builder
	out.WriteString("| key | variable | default | is |\n| --- | --- | --- | --- |\n")
	for _, s := range settingsOf(new(Config)) {
		otherwise := s.otherwise
		if otherwise != "" {
			otherwise = "`" + otherwise + "`"
		}
		help := strings.ReplaceAll(s.help, "*", `\*`)
		if s.secret {
			help += "; a secret"
		}
		if s.separator != "" {
			help += fmt.Sprintf("; a list, in the variable separated by `%s`", s.separator)
		}
		fmt.Fprintf(&out, "| `%s` | `%s` | %s | %s |\n", s.key, s.env, otherwise, help)
	}
	_, err := io.WriteString(w, out.String())
	return err
}
