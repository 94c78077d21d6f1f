// Package stack brings the servers that the product needs up and down together, as one list of parts.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"sync"

	"github.com/city-resource-graph/crg/dev/neo4j"
	"github.com/city-resource-graph/crg/dev/postgresql"
	"github.com/city-resource-graph/crg/dev/redis"
	"github.com/city-resource-graph/crg/dev/state"
	"github.com/city-resource-graph/crg/dev/temporal"
)

// BlobsVariable names the environment variable that holds the place of the object storage.
const BlobsVariable = "CRG_BLOBS"

// Stack is the local stack of one state folder.
type Stack struct {
	folder   state.Folder
	parts    []Part
	temporal *temporal.Server
	getenv   func(string) string
	progress io.Writer
	telling  sync.Mutex
}

// New lists the parts so that each comes after those which it needs. What is going on is told to progress.
func New(folder state.Folder, getenv func(string) string, progress io.Writer) (*Stack, error) {
	postgres := postgresql.New(folder)
	workflows, err := temporal.New(folder, postgres, getenv(temporal.SyncVariable), getenv(temporal.APIVariable))
	if err != nil {
		return nil, err
	}
	return &Stack{
		folder:   folder,
		parts:    []Part{postgres, redis.New(folder), neo4j.New(folder), workflows},
		temporal: workflows,
		getenv:   getenv,
		progress: progress,
	}, nil
}

// Serve runs the part that is linked into this program, in this process.
func (s *Stack) Serve(ctx context.Context) error { return s.temporal.Serve(ctx) }

// Up starts what is missing, all at once as far as one does not need the other, and waits until all of it is ready.
func (s *Stack) Up(ctx context.Context) error {
	if err := s.folder.Make(); err != nil {
		return err
	}
	release, err := s.folder.Lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	if s.folder.Moved != "" {
		s.tell("state is in %s: %s", s.folder.Path, s.folder.Moved)
	}
	if _, err := s.folder.Secret(); err != nil { // made before two parts ask for it at once
		return err
	}
	return s.bringUpAll(ctx, s.wanted())
}

// Ready reports whether everything that is wanted here runs as wanted and can be used now.
func (s *Stack) Ready(ctx context.Context) error {
	for _, part := range s.wanted() {
		record, err := s.running(part)
		if err != nil {
			return err
		}
		if !record.Alive() {
			return fmt.Errorf("%s does not run", part.Name())
		}
		reason, err := part.Outdated()
		if err != nil {
			return err
		}
		if reason != "" {
			return fmt.Errorf("%s has to be started anew: %s", part.Name(), reason)
		}
		if err := part.Ready(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.Name(), err)
		}
	}
	return nil
}

// Down stops every part that runs, the last one first.
func (s *Stack) Down(ctx context.Context) error {
	if err := s.folder.Make(); err != nil {
		return err
	}
	release, err := s.folder.Lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	return s.down(ctx)
}

func (s *Stack) down(ctx context.Context) error {
	var failed []error
	for _, part := range slices.Backward(s.parts) {
		record, err := s.running(part)
		if err == nil && record.Alive() {
			if err = s.stop(ctx, part, record); err == nil {
				s.tell("%s stopped", part.Name())
			}
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", part.Name(), err))
		}
	}
	return errors.Join(failed...)
}

// Reset stops everything and deletes all that the stack ever kept.
func (s *Stack) Reset(ctx context.Context) error {
	if err := s.folder.Make(); err != nil {
		return err
	}
	release, err := s.folder.Lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := s.down(ctx); err != nil {
		return err
	}
	return s.folder.Remove("postgres", "postgres-making-*", "initdb-password", "redis", neo4j.Made, "neo4j")
}

// Environment holds what a command needs to find the stack. What the caller has set already is not in it.
func (s *Stack) Environment() (map[string]string, error) {
	blobs := url.URL{Scheme: "file", Path: s.folder.Sub("blobs")}
	env := map[string]string{BlobsVariable: blobs.String()}
	for _, part := range s.wanted() {
		if s.foreign(part) {
			continue // it runs only because another part needs it
		}
		own, err := part.Environment()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.Name(), err)
		}
		for name, value := range own {
			env[name] = value
		}
	}
	for name := range env {
		if s.getenv(name) != "" {
			delete(env, name)
		}
	}
	return env, nil
}

// foreign reports whether the caller has a server of their own for the part.
func (s *Stack) foreign(part Part) bool { return s.getenv(part.Variable()) != "" }

// wanted are the parts that the caller has no server for, and those which they need, in the order of their start.
func (s *Stack) wanted() []Part {
	var names []string
	for _, part := range slices.Backward(s.parts) {
		if !s.foreign(part) || slices.Contains(names, part.Name()) {
			names = append(append(names, part.Name()), part.Needs()...)
		}
	}
	var wanted []Part
	for _, part := range s.parts {
		if slices.Contains(names, part.Name()) {
			wanted = append(wanted, part)
		}
	}
	return wanted
}

func (s *Stack) tell(format string, args ...any) {
	s.telling.Lock()
	defer s.telling.Unlock()
	_, _ = fmt.Fprintf(s.progress, format+"\n", args...)
}
