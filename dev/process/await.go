package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// probeEvery is the pause between two probes of a server that is on its way; each leaves a line in its log.
const probeEvery = 50 * time.Millisecond

// ErrEnded means that a server ended before it was ready, as one does whose port was taken a moment ago.
var ErrEnded = errors.New("ended while starting")

// Await probes until the server is ready, has ended, or the context has.
func (r *Running) Await(ctx context.Context, probe func(context.Context) error) error {
	for {
		err := probe(ctx)
		if !r.Alive() {
			return fmt.Errorf("%w; its log %s says:\n%s", ErrEnded, r.log, r.said())
		}
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w; see its log %s", err, r.log)
		case <-time.After(probeEvery):
		}
	}
}

// said is the end of what the server wrote to its log.
func (r *Running) said() string {
	const enough = 4 << 10
	file, err := os.Open(r.log)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err.Error()
	}
	from := max(r.logFrom, info.Size()-enough)
	text, err := io.ReadAll(io.NewSectionReader(file, from, enough))
	if err != nil {
		return err.Error()
	}
	return string(text)
}
