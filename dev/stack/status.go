package stack

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
)

// PartStatus is the state of one part as others read it.
type PartStatus struct {
	Name string `json:"name"`
	// State is ready, not ready, stopped, or foreign (the caller's environment names another server).
	State string `json:"state"`
	PID   int    `json:"pid,omitempty"`
	// Why says what is wrong when the part runs and is not ready.
	Why string `json:"why,omitempty"`
	// Log is the path of the part's log.
	Log string `json:"log"`
}

// Status is the state of the stack as others read it.
type Status struct {
	Folder string       `json:"folder"`
	Ready  bool         `json:"ready"`
	Parts  []PartStatus `json:"parts"`
	// Environment is what exec sets for a command.
	Environment map[string]string `json:"environment"`
}

// Status looks at every part; it changes nothing.
func (s *Stack) Status(ctx context.Context) (Status, error) {
	status := Status{Folder: s.folder.Path, Ready: s.Ready(ctx) == nil}
	for _, part := range s.parts {
		one, err := s.look(ctx, part)
		if err != nil {
			return Status{}, err
		}
		status.Parts = append(status.Parts, one)
	}
	if status.Ready {
		env, err := s.Environment()
		if err != nil {
			return Status{}, err
		}
		status.Environment = env
	}
	return status, nil
}

func (s *Stack) look(ctx context.Context, part Part) (PartStatus, error) {
	one := PartStatus{Name: part.Name(), State: "stopped", Log: s.logPath(part)}
	record, err := s.running(part)
	if err != nil {
		return PartStatus{}, err
	}
	switch {
	case !record.Alive() && s.foreign(part):
		one.State = "foreign"
	case record.Alive():
		one.PID, one.State = record.PID, "ready"
		if err := part.Ready(ctx); err != nil {
			one.State, one.Why = "not ready", err.Error()
		}
	}
	return one, nil
}

// Logs gives the path of the log of each named part, or of all that ever ran.
func (s *Stack) Logs(names ...string) (paths, unknown []string) {
	known := map[string]string{}
	for _, part := range s.parts {
		known[part.Name()] = s.logPath(part)
	}
	if len(names) == 0 {
		names = slices.DeleteFunc(slices.Sorted(maps.Keys(known)), func(name string) bool {
			_, err := os.Stat(known[name])
			return errors.Is(err, fs.ErrNotExist)
		})
	}
	for _, name := range names {
		if path, ok := known[name]; ok {
			paths = append(paths, path)
		} else {
			unknown = append(unknown, name)
		}
	}
	return paths, unknown
}
