package postgresql

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// clearRemains makes way for a new postmaster after one that was killed. Its children hold its shared memory until they
// next wait for something, which for a long query is a while; and its pid file may name somebody else by now. PostgreSQL
// itself refuses to start in both cases.
func (s *Server) clearRemains(ctx context.Context) error {
	path := s.folder.Sub("postgres", "postmaster.pid")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read pid file of PostgreSQL: %w", err)
	}
	lines := strings.Split(string(data), "\n")
	cmdline, err := os.ReadFile("/proc/" + strings.TrimSpace(lines[0]) + "/cmdline")
	if err == nil && strings.Contains(string(cmdline), s.data()) {
		return fmt.Errorf("PostgreSQL runs on %s as process %s without having been recorded: end that process", s.data(), lines[0])
	}
	const memory = 6 // the line with key and id of the shared memory
	if len(lines) > memory {
		if err := awaitChildren(ctx, lines[memory]); err != nil {
			return err
		}
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove stale pid file: %w", err)
	}
	return nil
}

// awaitChildren waits until no process is attached to the shared memory of a killed postmaster.
func awaitChildren(ctx context.Context, keyAndID string) error {
	fields := strings.Fields(keyAndID)
	if len(fields) != 2 {
		return nil // a file that was not written to its end: the postmaster had no children yet
	}
	for {
		attached, err := attachments(fields[1])
		if err != nil || attached == "0" {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s processes of a killed PostgreSQL are still at work: %w", attached, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// attachments is the number of processes attached to a segment of System V shared memory; "0" when there is no such one.
func attachments(id string) (string, error) {
	table, err := os.ReadFile("/proc/sysvipc/shm")
	if err != nil {
		return "", fmt.Errorf("look at shared memory: %w", err)
	}
	const shmid, nattch = 1, 6 // columns of proc_sysvipc(5)
	for line := range strings.Lines(string(table)) {
		if fields := strings.Fields(line); len(fields) > nattch && fields[shmid] == id {
			return fields[nattch], nil
		}
	}
	return "0", nil
}
