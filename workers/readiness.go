package workers

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
)

// Readiness says whether a worker gets work. It answers /ready.
type Readiness struct {
	problem atomic.Pointer[string] // empty text = ready; nil = not started yet
}

func (r *Readiness) set(problem string) { r.problem.Store(&problem) }

// Check returns nil when the worker gets work, else what is in the way.
func (r *Readiness) Check() error {
	switch problem := r.problem.Load(); {
	case problem == nil:
		return errors.New("not started yet")
	case *problem != "":
		return errors.New(*problem)
	}
	return nil
}

// ServeHTTP answers 200 when the worker gets work, else 503 with the reason.
func (r *Readiness) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := r.Check(); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprintln(w, err)
		return
	}
	_, _ = fmt.Fprintln(w, "ready")
}
