package hsds

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/city-resource-graph/crg/ingest/source"
)

// descriptor is a datapackage.json.
type descriptor struct {
	Resources []resource `json:"resources"`
}

type resource struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// Descriptor is the file that says which tables a tabular package has.
const Descriptor = "datapackage.json"

// maxDescriptor bounds a datapackage.json; the specification's own has 124 KB.
const maxDescriptor = 8 << 20

// readDescriptor reads a file that may be a datapackage.json; nil when it is another JSON file.
func readDescriptor(path string) (*descriptor, error) {
	if filepath.Base(path) != Descriptor {
		return nil, nil //nolint:nilnil // not a tabular package
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, notThere(path, err)
	}
	defer func() { _ = file.Close() }()
	var d descriptor
	if err := json.NewDecoder(io.LimitReader(file, maxDescriptor)).Decode(&d); err != nil {
		return nil, &source.FileError{Path: path, Reason: "not a datapackage.json: " + err.Error()}
	}
	if !slices.ContainsFunc(d.Resources, func(r resource) bool { return r.Name == "service" || r.Name == "services" }) {
		return nil, &source.FileError{Path: path, Reason: `no resource "service": want a tabular package of HSDS 3`}
	}
	for _, r := range d.Resources {
		if !fs.ValidPath(r.Path) {
			return nil, &source.FileError{Path: path, Reason: fmt.Sprintf("resource %q has the path %q: want a file beside this one", r.Name, r.Path)}
		}
	}
	return &d, nil
}

func notThere(path string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return &source.FileError{Path: path, Reason: "no such file"}
	}
	return fmt.Errorf("opening %s: %w", path, err)
}

// Files lists what a package is read from: the JSON file, or datapackage.json and its tables.
func Files(path string) ([]string, error) {
	d, err := readDescriptor(path)
	if err != nil {
		return nil, err
	}
	files := []string{path}
	if d == nil {
		if _, err := os.Stat(path); err != nil {
			return nil, notThere(path, err)
		}
		return files, nil
	}
	for _, r := range d.Resources {
		table := filepath.Join(filepath.Dir(path), filepath.FromSlash(r.Path))
		if _, err := os.Stat(table); err == nil {
			files = append(files, table)
		}
	}
	return files, nil
}

// readTabular reads the tables of a package. A table that the descriptor names and the folder lacks is empty, except those
// without which nothing can be said.
func (t *tables) readTabular(path string, d *descriptor) error {
	for _, r := range d.Resources {
		kind := singular(r.Name)
		table := filepath.Join(filepath.Dir(path), filepath.FromSlash(r.Path))
		if _, err := os.Stat(table); errors.Is(err, os.ErrNotExist) {
			if kind == "service" || kind == "organization" {
				return &source.FileError{Path: table, Reason: "no such file, but the package names it"}
			}
			continue
		}
		if err := t.readTable(kind, r.Path, table); err != nil {
			return err
		}
	}
	return nil
}

func (t *tables) readTable(kind, name, path string) error {
	in, err := source.Open(path, source.Options{Format: source.CSV}, source.Cursor{})
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if !slices.Contains(in.Header, "id") {
		return &source.FileError{Path: path, Line: 1, Reason: `no column "id", which every table of HSDS has`}
	}
	for {
		record, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r := &row{file: name, line: record.Line, values: map[string]string{}, fault: record.Fault}
		for _, column := range record.Columns() {
			if value := record.Get(column); value.Kind != source.Missing {
				r.values[column] = value.Text()
			}
		}
		if r.fault == nil && r.get("id") == "" {
			r.fault = &source.Fault{Field: "id", Reason: "a value is required"}
		}
		if err := t.add(kind, r, false); err != nil {
			return err
		}
	}
}
