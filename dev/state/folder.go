// Package state finds and holds the folder in which the local stack keeps everything that must survive it.
package state

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Folder is the state folder of one checkout.
type Folder struct {
	// Path is absolute.
	Path string
	// Moved says why the folder is not .crg/ of the checkout; empty when it is.
	Moved string
	// ServerUser is the user that PostgreSQL runs as when this program runs as root; otherwise empty.
	ServerUser string
}

// Sub is the path of a file or folder below the state folder.
func (f Folder) Sub(elements ...string) string {
	return filepath.Join(append([]string{f.Path}, elements...)...)
}

// Make creates the folder with its fixed parts. Others may pass through it (the user of PostgreSQL must) but not list it.
func (f Folder) Make() error {
	for _, dir := range []string{f.Path, f.Sub("run"), f.Sub("log"), f.Sub("blobs")} {
		mode := fs.FileMode(0o700)
		if dir == f.Path {
			mode = 0o711
		}
		if err := os.MkdirAll(dir, mode); err != nil {
			return fmt.Errorf("create state folder: %w", err)
		}
		if err := os.Chmod(dir, mode); err != nil { // whatever the umask says
			return fmt.Errorf("open state folder: %w", err)
		}
	}
	return nil
}

// Lock keeps other starts and stops of the same stack out until release is called or this program ends.
func (f Folder) Lock(ctx context.Context) (release func(), err error) {
	file, err := os.OpenFile(f.Sub("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", file.Name(), err), file.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("another crgdev holds %s: %w", file.Name(), ctx.Err()), file.Close())
		case <-tick.C:
		}
	}
}

// Secret is the password of the local PostgreSQL and Redis, made on first use. Loopback is open to every user of the
// machine; a superuser of PostgreSQL without a password would give them the account that it runs as.
func (f Folder) Secret() (string, error) {
	path := f.Sub("secret")
	data, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(data)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read secret: %w", err)
	}
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	secret := hex.EncodeToString(random)
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("write secret: %w", err)
	}
	return secret, nil
}

// Load reads a JSON file below the state folder into v; a missing file leaves v as it is.
func (f Folder) Load(name string, v any) error {
	data, err := os.ReadFile(f.Sub(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("read %s: %w", f.Sub(name), err)
	}
	return nil
}

// Save writes v as a JSON file below the state folder, whole or not at all.
func (f Folder) Save(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	path := f.Sub(name)
	if err := os.WriteFile(path+".new", append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// Remove deletes everything that the stack keeps in the folder, parts by the patterns of their names, and nothing else
// that somebody may have put there.
func (f Folder) Remove(parts ...string) error {
	for _, pattern := range append(parts, "run", "log", "blobs", "secret", "lock") {
		names, err := fs.Glob(os.DirFS(f.Path), pattern)
		if err != nil {
			return fmt.Errorf("delete state: %w", err)
		}
		for _, name := range names {
			if err := os.RemoveAll(f.Sub(name)); err != nil {
				return fmt.Errorf("delete state: %w", err)
			}
		}
	}
	err := os.Remove(f.Path)
	if errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
