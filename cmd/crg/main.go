// Command crg is City Resource Graph in one binary: API, workers, migrations, the demo, and the tools that open the
// matching engine and the valuation to anyone. Each subcommand is a file of its own and thin.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := newRootCommand().ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "crg:", err)
	}
	code := exitCode(err)
	stop()
	os.Exit(code)
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "crg",
		Short:         "City Resource Graph: who has what, who needs what, and the allocation worth most, proven",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	root.AddCommand(newSolveCommand(), newVerifyRunCommand())
	return root
}
