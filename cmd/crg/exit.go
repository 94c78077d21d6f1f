package main

import (
	"errors"
	"fmt"
)

// Exit codes of every command: 0 done, 1 a finding or failure, 2 bad usage or bad input.
const (
	exitFinding = 1
	exitUsage   = 2
)

// exitError carries the exit code that a command chose for its error.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// usage marks err as the caller's mistake: exit code 2.
func usage(err error) error { return &exitError{code: exitUsage, err: err} }

// usagef is usage with a message.
func usagef(format string, args ...any) error { return usage(fmt.Errorf(format, args...)) }

// exitCode is the process's exit code for err.
func exitCode(err error) int {
	var chosen *exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &chosen):
		return chosen.code
	default:
		return exitFinding
	}
}
