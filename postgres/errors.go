package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// What a caller can act on. Every error of this package that is one of these answers to errors.Is.
var (
	ErrNotFound      = errors.New("not found")
	ErrConflict      = errors.New("conflict with what is recorded")
	ErrOverAllocated = errors.New("more than the listing has left")
	ErrInvalid       = errors.New("refused by the database's rules")
	ErrAppendOnly    = errors.New("append-only: never changed")
	ErrInProgress    = errors.New("the same request is under way")
	ErrKeyReused     = errors.New("idempotency key was used for another request")
)

// StateError says that a subject stands in a state that does not allow what was asked. It is an ErrConflict.
type StateError struct {
	Subject string // "match 2026-11-23-a1b2:food.produce:7"
	State   string
	Wanted  string // what was asked for: a state or a decision
}

func (e *StateError) Error() string {
	return fmt.Sprintf("%s is %s: %s is not possible", e.Subject, e.State, e.Wanted)
}

// Is makes a StateError an ErrConflict.
func (e *StateError) Is(target error) bool { return target == ErrConflict }

// The SQLSTATEs that the migrations raise, class CG.
const (
	stateTransition    = "CG001" // a transition that the table does not have
	stateAppendOnly    = "CG002"
	stateDrift         = "CG003" // held or committed differ from the matches
	stateListingClosed = "CG004" // a match on a listing that is not open
	stateIdentity      = "CG005" // who promised what to whom was changed
	stateApproval      = "CG006" // a match approved by others than its policy asked for
)

// translate adds what was being done, and the sentinel that the database's answer stands for.
func translate(doing string, err error) error {
	if err == nil {
		return nil
	}
	if sentinel := sentinelOf(err); sentinel != nil && !errors.Is(err, sentinel) {
		return fmt.Errorf("%s: %w: %w", doing, sentinel, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func sentinelOf(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	var answer *pgconn.PgError
	if !errors.As(err, &answer) {
		return nil
	}
	switch answer.Code {
	case stateTransition, stateListingClosed, stateApproval, "23505": // unique_violation
		return ErrConflict
	case stateAppendOnly:
		return ErrAppendOnly
	case stateDrift, stateIdentity, "23502", "23503": // not null, foreign key
		return ErrInvalid
	case "23514": // check
		if answer.ConstraintName == "listing_not_over_allocated" {
			return ErrOverAllocated
		}
		return ErrInvalid
	}
	if len(answer.Code) == 5 && answer.Code[:2] == "22" { // data exceptions
		return ErrInvalid
	}
	return nil
}

// Unavailable reports whether err means that the database could not be asked: it is away, starting, stopping, out of
// connections, or did not answer in time. The same call may succeed later.
func Unavailable(err error) bool {
	if err == nil {
		return false
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		switch answer.Code {
		case "57P01", "57P02", "57P03", "53300": // shutdown, crash, starting up, too many connections
			return true
		}
		return len(answer.Code) == 5 && answer.Code[:2] == "08"
	}
	// A connection that broke in the middle of a call.
	return pgconn.SafeToRetry(err) || pgconn.Timeout(err) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}

// violates says whether the database refused something by a constraint.
func violates(err error, constraint string) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && answer.ConstraintName == constraint
}
