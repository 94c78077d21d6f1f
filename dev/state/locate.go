package state

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"syscall"

	"github.com/city-resource-graph/crg/dev/process"
)

// Variable names the environment variable that puts the state folder elsewhere.
const Variable = "CRGDEV_STATE"

// serverUser is the user that Debian's PostgreSQL packages create; the server refuses to run as root.
const serverUser = "postgres"

// Locate finds the state folder: the one that chosen names, else .crg/ of the checkout around one of the start folders.
// Where the user of PostgreSQL cannot enter that (a checkout below a closed home), it is a folder under /var/tmp.
func Locate(ctx context.Context, chosen string, starts ...string) (Folder, error) {
	if chosen != "" {
		path, err := filepath.Abs(chosen)
		if err != nil {
			return Folder{}, fmt.Errorf("%s=%q: %w", Variable, chosen, err)
		}
		return place(ctx, path, "")
	}
	for _, start := range starts {
		if root, ok := checkout(start); ok {
			sum := sha256.Sum256([]byte(root))
			name := fmt.Sprintf("crg-%d-%s", os.Getuid(), hex.EncodeToString(sum[:6]))
			return place(ctx, filepath.Join(root, ".crg"), filepath.Join("/var/tmp", name))
		}
	}
	return Folder{}, fmt.Errorf("no checkout of this repository around %v: go there, or name a state folder in %s", starts, Variable)
}

// checkout finds the nearest folder at or above start that holds this module beside the product's.
func checkout(start string) (string, bool) {
	for dir := start; ; dir = filepath.Dir(dir) {
		_, product := os.Stat(filepath.Join(dir, "go.mod"))
		_, dev := os.Stat(filepath.Join(dir, "dev", "go.mod"))
		if product == nil && dev == nil {
			return dir, true
		}
		if dir == filepath.Dir(dir) {
			return "", false
		}
	}
}

// place decides between the wanted path and the spare one. A spare folder that exists was chosen by an earlier start and
// stays: a change of permissions must not make the data seem lost.
func place(ctx context.Context, path, spare string) (Folder, error) {
	folder := Folder{Path: path}
	if os.Getuid() == 0 {
		if _, err := user.Lookup(serverUser); err != nil {
			return Folder{}, fmt.Errorf("user %q, which PostgreSQL runs as when you are root, is missing: apt-get install -y postgresql-15-postgis-3", serverUser)
		}
		folder.ServerUser = serverUser
	}
	if spare != "" && owned(spare) == nil {
		return Folder{Path: spare, Moved: "an earlier start found that .crg/ cannot be used", ServerUser: folder.ServerUser}, nil
	}
	err := enterable(ctx, folder)
	if err == nil {
		return folder, nil
	}
	if spare == "" {
		return Folder{}, err
	}
	if err := os.Mkdir(spare, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
		return Folder{}, fmt.Errorf("create state folder: %w", err)
	}
	if err := owned(spare); err != nil {
		return Folder{}, err
	}
	return Folder{Path: spare, Moved: err.Error(), ServerUser: folder.ServerUser}, nil
}

// enterable asks, as the user of PostgreSQL, whether the folder, or what is there of the way to it, can be entered.
func enterable(ctx context.Context, f Folder) error {
	if f.ServerUser == "" {
		return nil
	}
	dir := f.Path
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
	}
	name, args := process.As(f.ServerUser, "test", "-x", dir)
	if err := exec.CommandContext(ctx, name, args...).Run(); err != nil {
		return fmt.Errorf("user %q cannot enter %s", f.ServerUser, dir)
	}
	return nil
}

// owned holds that the path is a folder of ours that nobody else can write to: /var/tmp is open to all.
func owned(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("look at state folder: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(stat.Uid) != os.Getuid() || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s is not a folder of this user alone: remove it, or name a state folder in %s", path, Variable)
	}
	return nil
}
