// Command crg is City Resource Graph in one binary: API, workers, migrations, the demo, and the tools that open the
// matching engine and the valuation to anyone. Each subcommand is a file of its own and thin.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := newRootCommand().ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "crg:", err)
	}
	return exitCode(err)
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "crg",
		Short:         "City Resource Graph: who has what, who needs what, and the allocation worth most, proven",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		RunE:          helpOrUnknown,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	root.AddCommand(
		newAPICommand(),
		newCheckCommand(),
		newCityCommand(),
		newCodecCommand(),
		newConfigCommand(),
		newDemoCommand(),
		newImportCommand(),
		newEventsCommand(),
		newExplainCommand(),
		newExportCommand(),
		newGraphCommand(),
		newKeyCommand(),
		newMaintenanceCommand(),
		newMatchesCommand(),
		newMigrateCommand(),
		newOutboxCommand(),
		newRunCommand(),
		newSchedulesCommand(),
		newSolveCommand(),
		newTemplateCommand(),
		newValueCommand(),
		newVerifyRunCommand(),
		newWorkerCommand(),
		newWorkersCommand(),
	)
	argumentsAreUsage(root)
	return root
}

// helpOrUnknown answers a command that only groups others: with its help, or with what it does not know.
func helpOrUnknown(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("unknown command %q: see '%s --help'", args[0], cmd.CommandPath())
	}
	return cmd.Help()
}

// argumentsAreUsage makes a wrong number of arguments, or a flag that is missing, bad usage, exit code 2, in every command.
func argumentsAreUsage(command *cobra.Command) {
	if check := command.Args; check != nil {
		command.Args = func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(check(cmd, args), cmd.ValidateRequiredFlags()); err != nil {
				return usage(err)
			}
			return nil
		}
	}
	for _, child := range command.Commands() {
		argumentsAreUsage(child)
	}
}
