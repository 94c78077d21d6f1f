package postgresql

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/city-resource-graph/crg/dev/state"
)

// install is what brings the programs and PostGIS on a Debian machine.
const install = "sudo apt-get install -y postgresql-15-postgis-3"

// oldest is the first major version that the product is built for.
const oldest = 15

// ErrMissing means that PostgreSQL or PostGIS is not installed; the message names the command that installs it.
var ErrMissing = errors.New("not installed")

// binaries is one installed major version of PostgreSQL.
type binaries struct {
	major  int
	folder string
}

func (b binaries) path(name string) string { return filepath.Join(b.folder, name) }

// findBinaries looks below root (the machine's is /). It takes the version that the cluster was made by, else 15, else the newest one with PostGIS.
func findBinaries(root string, folder state.Folder) (binaries, error) {
	made, err := os.ReadFile(folder.Sub("postgres", "PG_VERSION"))
	if err == nil {
		major, err := strconv.Atoi(strings.TrimSpace(string(made)))
		if err != nil {
			return binaries{}, fmt.Errorf("read version of the cluster: %w", err)
		}
		if b := installed(root, major); b.folder != "" {
			return b, nil
		}
		return binaries{}, fmt.Errorf("the cluster was made by PostgreSQL %d, which is %w: sudo apt-get install -y postgresql-%d-postgis-3", major, ErrMissing, major)
	}
	if b := installed(root, oldest); b.folder != "" {
		return b, nil
	}
	for major := 30; major > oldest; major-- {
		if b := installed(root, major); b.folder != "" {
			return b, nil
		}
	}
	return binaries{}, fmt.Errorf("PostgreSQL %d or newer with PostGIS is %w: %s", oldest, ErrMissing, install)
}

// installed looks where Debian's packages put a major version; its folder stays empty when server or PostGIS is missing.
func installed(root string, major int) binaries {
	folder := filepath.Join(root, fmt.Sprintf("usr/lib/postgresql/%d/bin", major))
	for _, file := range []string{
		filepath.Join(folder, "postgres"),
		filepath.Join(folder, "initdb"),
		filepath.Join(root, fmt.Sprintf("usr/share/postgresql/%d/extension/postgis.control", major)),
	} {
		if _, err := os.Stat(file); err != nil {
			return binaries{}
		}
	}
	return binaries{major: major, folder: folder}
}
