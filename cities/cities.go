// Package cities carries the folders of the cities that ship with the program: what a city is (city.yaml), how its files are
// read (mapping profiles), who must agree to a match (policy.yaml) and how pairs are scored (scoring.yaml). It holds no
// city's data. Package ingest reads the folders.
package cities

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

//go:embed */*.yaml
var shipped embed.FS

// Names lists the cities that ship.
func Names() []string {
	entries, err := fs.ReadDir(shipped, ".")
	if err != nil {
		return nil // an embedded folder always reads
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// Open finds a city's folder: one that ships, by its name, or one on disk, by a path with a slash in it.
func Open(name string) (fs.FS, error) {
	if strings.ContainsRune(name, '/') {
		if info, err := os.Stat(name); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("city folder %q: no such folder", name)
		}
		return os.DirFS(name), nil
	}
	folder, err := fs.Sub(shipped, name)
	if err == nil {
		_, err = fs.Stat(folder, "city.yaml")
	}
	if err != nil {
		return nil, fmt.Errorf("city %q: want one of %s, or the path of a folder such as ./mycity", name, strings.Join(Names(), ", "))
	}
	return folder, nil
}
