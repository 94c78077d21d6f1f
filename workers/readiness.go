package workers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"
)

// Readiness says whether a worker gets work, and which server is away that it needs for it. It answers /ready.
type Readiness struct {
	problem atomic.Pointer[string] // empty text = it gets work; nil = not started yet
	servers atomic.Pointer[[]server]
}

// server is one that the work needs, by the name that /ready calls it.
type server struct {
	name string
	ask  func(context.Context) error
}

// askTime bounds each server's answer, below the probe's own timeout.
const askTime = 2 * time.Second

func (r *Readiness) set(problem string) { r.problem.Store(&problem) }

// needs tells which servers are asked from now on.
func (r *Readiness) needs(servers []server) { r.servers.Store(&servers) }

// servers are those without which a worker can do nothing.
func (c *Config) servers() []server {
	return []server{
		{"postgres", c.Store.Ping},
		{"temporal", func(ctx context.Context) error {
			_, err := c.Client.CheckHealth(ctx, &client.CheckHealthRequest{})
			return err
		}},
		{"objects", c.Objects.Ping},
	}
}

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

// ServeHTTP asks every server that the work needs and answers 200 when the worker gets work and all of them answer, else
// 503 with what is in the way, a line each.
func (r *Readiness) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	problems := r.away(request.Context())
	if err := r.Check(); err != nil {
		problems = append(problems, err.Error())
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if len(problems) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprintln(w, strings.Join(problems, "\n"))
		return
	}
	_, _ = fmt.Fprintln(w, "ready")
}

// away asks all servers at once and says which do not answer, and why.
func (r *Readiness) away(ctx context.Context) []string {
	servers := r.servers.Load()
	if servers == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	failed := make([]error, len(*servers))
	var group sync.WaitGroup
	for i, one := range *servers {
		group.Go(func() { failed[i] = one.ask(ctx) })
	}
	group.Wait()
	var away []string
	for i, err := range failed {
		if err != nil {
			away = append(away, fmt.Sprintf("%s does not answer: %v", (*servers)[i].name, err))
		}
	}
	return away
}
