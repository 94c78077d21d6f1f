package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/city-resource-graph/crg/ingest/hsds"
	"github.com/city-resource-graph/crg/ingest/sheet"
	"github.com/city-resource-graph/crg/ingest/source"
)

// files opens the files of a data folder. What cannot be read from the middle (a workbook, an HSDS package, lists inside
// rows) is unpacked once into a flat file in a folder of its own, which goes when the files are closed. Unpacking gives the
// same rows each time, so every process that takes part in an import may do it for itself.
type files struct {
	dir string

	mu       sync.Mutex
	unpacked string            // folder; empty until something is unpacked
	flat     map[string]string // data set -> its flat file
}

func newFiles(dir string) *files { return &files{dir: dir, flat: map[string]string{}} }

func (f *files) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// of is the file of a data set. An HSDS package is one JSON file, or else the tables of a datapackage.json beside it; a
// workbook may be a CSV file instead.
func (f *files) of(d *dataset) string {
	path := f.path(d.File)
	var other string
	switch {
	case d.options.Format == source.HSDS:
		other = filepath.Join(filepath.Dir(path), hsds.Descriptor)
	case d.OrCSV != "":
		other = f.path(d.OrCSV)
	default:
		return path
	}
	if !exists(path) && exists(other) {
		return other
	}
	return path
}

// name is the file of a data set as the folder names it.
func (f *files) name(d *dataset) string {
	if d.OrCSV != "" && f.of(d) == f.path(d.OrCSV) {
		return d.OrCSV
	}
	return d.File
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// format is how the file of a data set is read.
func (f *files) format(d *dataset) source.Options {
	if f.name(d) != d.File {
		return source.Options{Format: source.CSV}
	}
	return d.options
}

// open opens the file of a data set for reading from a cursor.
func (f *files) open(d *dataset, at source.Cursor) (*source.File, error) {
	format := f.format(d)
	if d.Each == "" && format.Format != source.XLSX && format.Format != source.HSDS {
		return source.Open(f.of(d), format, at)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	flat, done := f.flat[d.ID]
	if !done {
		var err error
		if flat, err = f.unpack(d); err != nil {
			return nil, err
		}
		f.flat[d.ID] = flat
	}
	return source.Open(flat, source.Options{Format: source.Flat}, at)
}

func (f *files) unpack(d *dataset) (string, error) {
	if f.unpacked == "" {
		folder, err := os.MkdirTemp("", "crg-unpacked-*")
		if err != nil {
			return "", fmt.Errorf("a folder to unpack into: %w", err)
		}
		f.unpacked = folder
	}
	out, err := os.Create(filepath.Join(f.unpacked, d.ID+".flat"))
	if err != nil {
		return "", fmt.Errorf("unpacking %s: %w", d.File, err)
	}
	err = f.unpackInto(d, out)
	return out.Name(), errors.Join(err, out.Close())
}

func (f *files) unpackInto(d *dataset, out io.Writer) error {
	path := f.of(d)
	switch d.options.Format {
	case source.XLSX:
		return sheet.Unpack(path, d.Sheet, out)
	case source.HSDS:
		return hsds.Unpack(path, hsds.Entity(d.Entity), out)
	}
	in, err := source.Open(path, d.options, source.Cursor{})
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	flat, err := source.NewFlatWriter(out, nil)
	if err != nil {
		return err
	}
	return errors.Join(source.Unnest(in, d.Each, flat), flat.Flush())
}

// Close removes what was unpacked.
func (f *files) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.unpacked == "" {
		return nil
	}
	folder := f.unpacked
	f.unpacked, f.flat = "", map[string]string{}
	return os.RemoveAll(folder)
}

// parts lists the files that a data set is read from: one, or the tables of an HSDS package.
func (f *files) parts(d *dataset) ([]string, error) {
	if d.options.Format == source.HSDS {
		return hsds.Files(f.of(d))
	}
	return []string{f.of(d)}, nil
}

// size is the size of all parts: a cheap look whether they are those that were planned.
func (f *files) size(d *dataset) (int64, error) {
	parts, err := f.parts(d)
	if err != nil {
		return 0, err
	}
	var size int64
	for _, part := range parts {
		info, err := os.Stat(part)
		if err != nil {
			return 0, fmt.Errorf("looking at %s: %w", part, err)
		}
		size += info.Size()
	}
	return size, nil
}

// sum is the SHA-256 over all parts, one after the other.
func (f *files) sum(d *dataset) (string, error) {
	parts, err := f.parts(d)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, part := range parts {
		if err := addFile(h, part); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func addFile(to io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening %s: %w", path, err)
	}
	defer func() { _ = file.Close() }()
	if _, err := io.Copy(to, file); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}
