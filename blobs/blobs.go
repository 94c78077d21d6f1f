// Package blobs keeps what is too large for a workflow's payload in object storage: snapshots, shards, certificates,
// reports. A stored object travels as a Ref with its size and hash, so that whoever reads it knows that it is the one.
package blobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file://
	_ "gocloud.dev/blob/memblob"  // mem://
	"gocloud.dev/gcerrors"
)

// What a caller can act on.
var (
	ErrNotFound = errors.New("no such object")
	ErrConflict = errors.New("another content is stored under this key")
	ErrDamaged  = errors.New("the object is not the one that was stored")
)

// Ref is a claim check: where an object lies and what it must be.
type Ref struct {
	URI    string `json:"uri"`
	Key    string `json:"key"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// Bucket is a place for objects. It is safe for concurrent use.
type Bucket struct {
	bucket *blob.Bucket
	url    string
}

// Open opens the bucket at a URL: file:///path (the folder is made when it is missing) or mem://.
func Open(ctx context.Context, address string) (*Bucket, error) {
	at, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("bucket address: %w", err)
	}
	if at.Scheme == "file" {
		if err := os.MkdirAll(at.Path, 0o750); err != nil {
			return nil, fmt.Errorf("make the bucket's folder: %w", err)
		}
		// A temporary file beside the object, so that the rename that ends a write stays on one file system; no metadata
		// files beside each object.
		options := at.Query()
		options.Set("no_tmp_dir", "true")
		options.Set("metadata", "skip")
		at.RawQuery = options.Encode()
	}
	bucket, err := blob.OpenBucket(ctx, at.String())
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", address, err)
	}
	at.RawQuery = ""
	return &Bucket{bucket: bucket, url: at.String()}, nil
}

// Close releases the bucket.
func (b *Bucket) Close() error { return b.bucket.Close() }

// Ping asks the storage for an answer.
func (b *Bucket) Ping(ctx context.Context) error {
	ok, err := b.bucket.IsAccessible(ctx)
	if err == nil && !ok {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("reach bucket %s: %w", b.url, err)
	}
	return nil
}

// Put stores content under a key. The same content again is a success; other content under the key is an ErrConflict
// and changes nothing.
func (b *Bucket) Put(ctx context.Context, key string, content []byte) (Ref, error) {
	hash := sha256.Sum256(content)
	ref := Ref{URI: b.url, Key: key, Size: int64(len(content)), SHA256: hex.EncodeToString(hash[:])}
	err := b.bucket.WriteAll(ctx, key, content, &blob.WriterOptions{IfNotExist: true, ContentType: "application/octet-stream"})
	if err == nil {
		return ref, nil
	}
	if code := gcerrors.Code(err); code != gcerrors.FailedPrecondition && code != gcerrors.AlreadyExists {
		return Ref{}, fmt.Errorf("store %s: %w", key, err)
	}
	stored, err := b.bucket.ReadAll(ctx, key)
	if err != nil {
		return Ref{}, fmt.Errorf("compare %s with what is stored: %w", key, err)
	}
	if !bytes.Equal(stored, content) {
		return Ref{}, fmt.Errorf("store %s: %w", key, ErrConflict)
	}
	return ref, nil
}

// Get reads an object and verifies that it is the one that was stored.
func (b *Bucket) Get(ctx context.Context, ref Ref) ([]byte, error) {
	content, err := b.bucket.ReadAll(ctx, ref.Key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, fmt.Errorf("read %s: %w", ref.Key, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", ref.Key, err)
	}
	hash := sha256.Sum256(content)
	if int64(len(content)) != ref.Size || hex.EncodeToString(hash[:]) != ref.SHA256 {
		return nil, fmt.Errorf("read %s: %d bytes with SHA-256 %x, want %d with %s: %w",
			ref.Key, len(content), hash, ref.Size, ref.SHA256, ErrDamaged)
	}
	return content, nil
}
