package stack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/city-resource-graph/crg/dev/process"
)

// startLimit is far above what a part's start takes (1 to 10 s): a loaded machine is slow, a broken server never comes.
const startLimit = 4 * time.Minute

func (s *Stack) recordPath(part Part) string { return s.folder.Sub("run", part.Name()+".json") }

func (s *Stack) logPath(part Part) string { return s.folder.Sub("log", part.Name()+".log") }

// running finds the process of an earlier start; the zero record when there is none.
func (s *Stack) running(part Part) (process.Record, error) {
	record, err := process.Load(s.recordPath(part))
	if err != nil || !record.Alive() {
		return process.Record{}, err
	}
	return record, nil
}

// outcome is how the start of one part ended.
type outcome struct {
	over chan struct{} // closed at its end
	err  error         // to be read after that
}

// bringUpAll leaves all parts ready. They start side by side; each waits for those which it needs.
func (s *Stack) bringUpAll(ctx context.Context, parts []Part) error {
	outcomes := map[string]*outcome{}
	for _, part := range parts {
		outcomes[part.Name()] = &outcome{over: make(chan struct{})}
	}
	var group sync.WaitGroup
	for _, part := range parts {
		group.Go(func() {
			own := outcomes[part.Name()]
			defer close(own.over)
			for _, need := range part.Needs() {
				<-outcomes[need].over
				if outcomes[need].err != nil {
					own.err = fmt.Errorf("%s: not started, for it needs %s", part.Name(), need)
					return
				}
			}
			if err := s.bringUp(ctx, part); err != nil {
				own.err = fmt.Errorf("%s: %w", part.Name(), err)
			}
		})
	}
	group.Wait()
	failed := make([]error, len(parts))
	for i, part := range parts {
		failed[i] = outcomes[part.Name()].err
	}
	return errors.Join(failed...)
}

// bringUp leaves the part ready, whatever state it is in.
func (s *Stack) bringUp(ctx context.Context, part Part) error {
	if part, ok := part.(Fetched); ok {
		if err := part.Fetch(ctx, s.tell); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	began := time.Now()
	record, err := s.running(part)
	if err != nil {
		return err
	}
	if record.Alive() {
		reason, err := part.Outdated()
		switch {
		case err != nil:
			return err
		case reason != "":
			s.tell("%s is started anew: %s", part.Name(), reason)
			if err := s.stop(ctx, part, record); err != nil {
				return err
			}
		case part.Ready(ctx) == nil:
			return nil
		default: // an earlier start was interrupted, or is still on its way
			return process.Earlier(record, s.logPath(part)).Await(ctx, part.Complete)
		}
	}
	if err := s.start(ctx, part); err != nil {
		return err
	}
	s.tell("%s ready after %.1f s", part.Name(), time.Since(began).Seconds())
	return nil
}

// start tries again when the server ended at once: between the choice of its port and its start somebody else can take it.
func (s *Stack) start(ctx context.Context, part Part) error {
	const tries = 3
	var err error
	for range tries {
		if err = s.startOnce(ctx, part); !errors.Is(err, process.ErrEnded) {
			return err
		}
	}
	return err
}

func (s *Stack) startOnce(ctx context.Context, part Part) error {
	command, err := part.Prepare(ctx)
	if err != nil {
		return err
	}
	command.Log = s.logPath(part)
	started, err := process.Start(command)
	if err != nil {
		return err
	}
	if err := started.Save(s.recordPath(part)); err != nil {
		return err
	}
	return started.Await(ctx, part.Complete)
}

func (s *Stack) stop(ctx context.Context, part Part, record process.Record) error {
	signal, grace := part.Ending()
	return record.Stop(ctx, signal, grace)
}
