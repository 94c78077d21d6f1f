package activities

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/outbound"
	"github.com/city-resource-graph/crg/postgres"
)

// SourceStore remembers what was fetched from URLs.
type SourceStore interface {
	LastSource(ctx context.Context, id city.ID, profile, address string) (postgres.ImportSource, error)
	RecordSource(ctx context.Context, id city.ID, importID string, f postgres.ImportSource) error
}

// IsURL says whether a source is fetched rather than read from a folder.
func IsURL(source string) bool { return strings.Contains(source, "://") }

// storedPlan is a plan as it lies in object storage: with the file that it is of, where that was fetched.
type storedPlan struct {
	ingest.Plan

	Fetched *Ref   `json:"fetched,omitempty"`
	Name    string `json:"name,omitempty"` // of the file in the data folder
}

// fetched is a file from a URL in a folder of its own; the folder goes with the import's step.
type fetched struct {
	folder string
	stored storedPlan
	source postgres.ImportSource
}

func (f fetched) remove() { _ = os.RemoveAll(f.folder) }

// fetch brings the file of a URL, puts it where every worker finds it, and remembers its version. A file that the server
// calls unchanged, or whose bytes are the same, is not read again.
func (i *Imports) fetch(ctx context.Context, in ImportRef, profile *ingest.City) (fetched, error) {
	f := fetched{source: postgres.ImportSource{Address: in.Source}}
	if i.Outbound == nil {
		return f, fmt.Errorf("%w: this installation fetches nothing: start the workers with CRG_IMPORT_HOSTS", errInvalid)
	}
	var known outbound.Validators
	before, err := i.Store.LastSource(ctx, in.City, in.Profile, in.Source)
	switch {
	case err == nil:
		known = outbound.Validators{ETag: before.ETag, LastModified: before.LastModified}
	case !isNotFound(err):
		return f, err
	}
	var content bytes.Buffer
	got, err := i.Outbound.Fetch(ctx, in.Source, known, &content)
	if err != nil {
		return f, unfetched(err)
	}
	f.source.ETag, f.source.LastModified, f.source.SHA256, f.source.Bytes = got.ETag, got.LastModified, got.SHA256, got.Bytes
	if f.source.Unchanged = got.Unchanged || got.SHA256 == before.SHA256; f.source.Unchanged {
		f.source.SHA256, f.source.Bytes = before.SHA256, before.Bytes
		return f, nil
	}
	if f.stored.Name, err = profile.FileFor(urlPath(in.Source), in.Datasets); err != nil {
		return f, fmt.Errorf("%w: %w", errInvalid, err)
	}
	ref, err := i.Objects.Put(ctx, fmt.Sprintf("%s/imports/%s/source-%s", in.City, in.Import, got.SHA256[:12]), content.Bytes())
	if err != nil {
		return f, err
	}
	f.stored.Fetched = &ref
	f.folder, err = layOut(f.stored.Name, content.Bytes())
	return f, err
}

// unpack lays out a file that was uploaded to object storage.
func (i *Imports) unpack(ctx context.Context, in ImportRef, profile *ingest.City) (fetched, error) {
	f := fetched{stored: storedPlan{Fetched: in.Upload}}
	var err error
	if f.stored.Name, err = profile.FileFor(in.Source, in.Datasets); err != nil {
		return f, fmt.Errorf("%w: %w", errInvalid, err)
	}
	content, err := i.Objects.Get(ctx, *in.Upload)
	if err != nil {
		return f, err
	}
	f.folder, err = layOut(f.stored.Name, content)
	return f, err
}

// unfetched tells what stays refused from what may pass.
func unfetched(err error) error {
	var status *outbound.StatusError
	if errors.Is(err, outbound.ErrRefused) || errors.As(err, &status) && status.Lasting() {
		return fmt.Errorf("%w: %w", errInvalid, err)
	}
	return err
}

// urlPath is the path of a URL without its query.
func urlPath(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return path.Base(address)
}

// layOut writes a file into a data folder of its own.
func layOut(name string, content []byte) (string, error) {
	folder, err := os.MkdirTemp("", "crg-fetched-*")
	if err != nil {
		return "", fmt.Errorf("a folder for what was fetched: %w", err)
	}
	return folder, layOutIn(folder, name, content)
}

func layOutIn(folder, name string, content []byte) error {
	target := filepath.Join(folder, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(target), 0o700), os.WriteFile(target, content, 0o600)); err != nil {
		_ = os.RemoveAll(folder)
		return fmt.Errorf("write what was fetched: %w", err)
	}
	return nil
}
