package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/certificate"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/valuation"
)

// Types of the application errors that no retry can mend. Workflows list them in their retry policies.
const (
	TypeNotFound = "NotFound" // what an id names does not exist
	TypeInvalid  = "Invalid"  // input that will be as wrong the next time
	TypeConflict = "Conflict" // the state of the thing does not allow it
	TypeDamaged  = "Damaged"  // an object in storage is not what was put there, or a proof does not hold

	TypeUnreachable = "Unreachable" // a floor of a run that no allocation keeps
)

// TypeUnavailable is of errors that pass: a store is away.
const TypeUnavailable = "Unavailable"

// FinalErrors lists the types of errors that no retry can mend.
func FinalErrors() []string {
	return []string{TypeNotFound, TypeInvalid, TypeConflict, TypeDamaged, TypeUnreachable}
}

// classify is the one map from the errors of the packages below to application errors that carry a type. It is the last
// thing that an activity does with an error: an application error inside another error loses its type on the server.
func classify(err error) error {
	var known *temporal.ApplicationError
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &known):
		return known
	case typeOf(err) != "":
		return temporal.NewNonRetryableApplicationError(err.Error(), typeOf(err), err)
	case postgres.Unavailable(err), errors.Is(err, graph.ErrAway):
		return temporal.NewApplicationErrorWithCause(err.Error(), TypeUnavailable, err)
	}
	return err
}

func typeOf(err error) string {
	var violation *certificate.Violation
	var unkept *unkeptError
	switch {
	case errors.Is(err, postgres.ErrNotFound), errors.Is(err, blobs.ErrNotFound):
		return TypeNotFound
	case errors.Is(err, postgres.ErrInvalid), errors.Is(err, postgres.ErrAppendOnly), errors.Is(err, valuation.ErrInput),
		errors.Is(err, errInvalid):
		return TypeInvalid
	case errors.Is(err, postgres.ErrConflict), errors.Is(err, postgres.ErrOverAllocated), errors.Is(err, blobs.ErrConflict):
		return TypeConflict
	case errors.Is(err, blobs.ErrDamaged), errors.Is(err, candidates.ErrDamaged), errors.As(err, &violation):
		return TypeDamaged
	case errors.As(err, &unkept):
		return TypeUnreachable
	}
	return ""
}

// errInvalid marks input of this package that no retry can mend.
var errInvalid = errors.New("refused")

// unkeptError says which floor of a run is not kept, and what would be possible.
type unkeptError struct{ statement string }

func (e *unkeptError) Error() string { return e.statement }
