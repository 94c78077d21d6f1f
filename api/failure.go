package api

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/serviceerror"

	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// retryAfter is what a caller is asked to wait for a dependency that is away.
const retryAfter = 2 * time.Second

// asProblem is the one map from what the stores and Temporal answer to what a caller is told. What it does not know is
// internal: the caller gets the request's id, the log gets the error.
func asProblem(err error) *problem {
	var known *problem
	if errors.As(err, &known) {
		return known
	}
	p := storeProblem(err)
	if p == nil {
		p = temporalProblem(err)
	}
	if p == nil {
		p = internal.because("report the request_id; repeating the request with the same key is safe")
	}
	p.cause = err
	return p
}

func storeProblem(err error) *problem {
	var state *postgres.StateError
	switch {
	case errors.As(err, &state):
		p := stateConflict.because("%s is %s", state.Subject, state.State)
		p.state = state.State
		return p
	case errors.Is(err, postgres.ErrNotFound):
		return notFound.because("there is no such object, or it is not yours")
	case errors.Is(err, blobs.ErrNotFound):
		return refused.because("what this was computed from is no longer in object storage")
	case errors.Is(err, postgres.ErrOverAllocated):
		return conflict.because("less is left of the listing than was asked for")
	case errors.Is(err, postgres.ErrConflict):
		return conflict.because("something with the same identity and other content exists")
	case errors.Is(err, postgres.ErrInvalid):
		return refused.because("the database refuses these values")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return waiting(timedOut, "the request took too long; repeat it with the same key")
	case errors.Is(err, graph.ErrAway):
		return waiting(away, "the graph does not answer; everything else does")
	case postgres.Unavailable(err):
		return waiting(away, "the database does not answer; repeat the request with the same key")
	}
	return nil
}

func temporalProblem(err error) *problem {
	var (
		gone      *serviceerror.Unavailable
		late      *serviceerror.DeadlineExceeded
		cancel    *serviceerror.Canceled
		busy      *serviceerror.ResourceExhausted
		spaceless *serviceerror.NamespaceNotFound
		unfit     *serviceerror.InvalidArgument
	)
	switch {
	case errors.Is(err, workflows.ErrNoSchedule):
		return notFound.because("there is no such schedule in this city")
	case errors.Is(err, workflows.ErrOver):
		return waiting(away, "its workflow is not open yet; repeat the request with the same key")
	case errors.As(err, &gone), errors.As(err, &late), errors.As(err, &cancel):
		return waiting(away, "Temporal does not answer; repeat the request with the same key")
	case errors.As(err, &busy):
		return waiting(away, "Temporal is busy; repeat the request with the same key")
	case errors.As(err, &spaceless):
		return waiting(away, "Temporal has no such namespace yet")
	case errors.As(err, &unfit):
		// Search attributes are registered by the first worker; before that, a start that carries them is refused.
		return waiting(away, "Temporal is not prepared: no worker has started yet")
	}
	return nil
}

func waiting(k kind, detail string) *problem {
	return &problem{kind: k, detail: detail, retry: retryAfter}
}
