package postgresql

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"strconv"

	"github.com/city-resource-graph/crg/dev/process"
)

// initialise makes the cluster unless it is there. It is made under a name of its own first, so that an interrupted attempt
// is never taken for a cluster, and so that its initdb, which may outlive a killed crgdev, writes to another folder.
func (s *Server) initialise(ctx context.Context, bin binaries) error {
	if _, err := os.Stat(s.data()); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at cluster: %w", err)
	}
	s.removeHalfMade()
	making, err := os.MkdirTemp(s.folder.Path, "postgres-making-")
	if err != nil {
		return fmt.Errorf("create cluster: %w", err)
	}
	secret, err := s.folder.Secret()
	if err != nil {
		return err
	}
	password := s.folder.Sub("initdb-password")
	if err := os.WriteFile(password, []byte(secret+"\n"), 0o600); err != nil {
		return fmt.Errorf("write password for initdb: %w", err)
	}
	defer func() { _ = os.Remove(password) }()
	if err := s.giveAway(making, password); err != nil {
		return err
	}
	name, args := process.As(s.folder.ServerUser, bin.path("initdb"), "-D", making, "-U", Role,
		"--auth=scram-sha-256", "--pwfile="+password, "-E", "UTF8", "--locale=C.UTF-8")
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = s.folder.Path
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := os.Rename(making, s.data()); err != nil {
		return fmt.Errorf("create cluster: %w", err)
	}
	return nil
}

// removeHalfMade removes what interrupted attempts left. Where one of them is still at work, it goes the next time.
func (s *Server) removeHalfMade() {
	remains, _ := fs.Glob(os.DirFS(s.folder.Path), "postgres-making-*") // the pattern is well formed
	for _, name := range remains {
		_ = os.RemoveAll(s.folder.Sub(name))
	}
}

// giveAway makes the paths those of the user that PostgreSQL runs as.
func (s *Server) giveAway(paths ...string) error {
	if s.folder.ServerUser == "" {
		return nil
	}
	u, err := user.Lookup(s.folder.ServerUser)
	if err != nil {
		return fmt.Errorf("look up user of PostgreSQL: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return fmt.Errorf("user id of %s: %w", u.Username, err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return fmt.Errorf("group id of %s: %w", u.Username, err)
	}
	for _, path := range paths {
		if err := os.Chown(path, uid, gid); err != nil {
			return fmt.Errorf("give %s to %s: %w", path, u.Username, err)
		}
	}
	return nil
}
