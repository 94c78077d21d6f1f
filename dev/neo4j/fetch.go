package neo4j

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed pom.xml
var pom []byte

//go:embed Graph.java
var launcher []byte

// fetchLimit is far above what Maven takes for 116 MB: a slow network is waited for, a dead one is not.
const fetchLimit = 20 * time.Minute

const fetchAttempts = 3

// ErrMissing means that Java or Maven is not installed; the message names the command that installs them.
var ErrMissing = errors.New("java, javac or mvn is not installed: sudo apt-get install -y openjdk-17-jdk-headless maven")

// programFolder is where jars and launcher are kept: outside the checkout, so that a fresh clone fetches nothing again,
// and named after what they are made from, so that another version is another folder.
func programFolder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for what is fetched: %w", err)
	}
	sum := sha256.Sum256(append(append([]byte{}, pom...), launcher...))
	return filepath.Join(cache, "crg", "neo4j-"+hex.EncodeToString(sum[:6])), nil
}

// fetch makes the program's folder, whole or not at all; two that do so at the same time do not disturb each other.
func fetch(ctx context.Context, tell func(format string, args ...any)) error {
	folder, err := programFolder()
	if err != nil {
		return err
	}
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		return err //nolint:wrapcheck // names the folder
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil { //nolint:gosec // a cache holds nothing secret
		return fmt.Errorf("create folder for Neo4j: %w", err)
	}
	making, err := os.MkdirTemp(filepath.Dir(folder), "neo4j-making-")
	if err != nil {
		return fmt.Errorf("create folder for Neo4j: %w", err)
	}
	defer func() { _ = os.RemoveAll(making) }()
	tell("fetching Neo4j with Maven, once for this user: 214 jars, 116 MB")
	ctx, cancel := context.WithTimeout(ctx, fetchLimit)
	defer cancel()
	if err := build(ctx, making); err != nil {
		return err
	}
	if err := os.Rename(making, folder); err != nil {
		if _, there := os.Stat(folder); there == nil {
			return nil // somebody else was faster
		}
		return fmt.Errorf("keep what was fetched: %w", err)
	}
	return nil
}

func build(ctx context.Context, folder string) error {
	for name, text := range map[string][]byte{"pom.xml": pom, "Graph.java": launcher} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	if err := fetchJars(ctx, folder); err != nil {
		return err
	}
	return run(ctx, folder, "javac", "-cp", "jars/*", "Graph.java")
}

// fetchJars has Maven fetch them, again when a server or the network failed for a moment: it keeps what it got.
func fetchJars(ctx context.Context, folder string) (err error) {
	for range fetchAttempts {
		// Strict checksums: what arrives damaged is refused.
		err = run(ctx, folder, "mvn", "--batch-mode", "--quiet", "--strict-checksums", "dependency:copy-dependencies",
			"-DincludeScope=runtime", "-DoutputDirectory=jars")
		if err == nil || errors.Is(err, ErrMissing) || ctx.Err() != nil {
			break
		}
	}
	return err
}

func run(ctx context.Context, folder, name string, args ...string) error {
	program, err := exec.LookPath(name)
	if err != nil {
		return ErrMissing
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}
