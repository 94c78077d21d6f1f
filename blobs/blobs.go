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

	"gocloud.dev/blob"
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
	url    string // without options
	scheme string
}

// Close releases the bucket.
func (b *Bucket) Close() error { return b.bucket.Close() }

// Ping asks the storage for an answer.
func (b *Bucket) Ping(ctx context.Context) error {
	_, _, err := b.bucket.ListPage(ctx, blob.FirstPageToken, 1, nil)
	if gcerrors.Code(err) == gcerrors.NotFound && !refused(err) {
		err = fmt.Errorf("%w: %w", errNoBucket, err)
	}
	return b.failed("look", err)
}

// Put stores content under a key. The same content again is a success; other content under the key is an ErrConflict
// and changes nothing.
func (b *Bucket) Put(ctx context.Context, key string, content []byte) (Ref, error) {
	hash := sha256.Sum256(content)
	ref := Ref{URI: b.url, Key: key, Size: int64(len(content)), SHA256: hex.EncodeToString(hash[:])}
	err := b.write(ctx, key, content)
	if err == nil {
		return ref, nil
	}
	if code := gcerrors.Code(err); code != gcerrors.FailedPrecondition && code != gcerrors.AlreadyExists {
		return Ref{}, b.failed("store "+key, err)
	}
	stored, err := b.bucket.ReadAll(ctx, key)
	if err != nil {
		return Ref{}, b.failed("compare "+key+" with what is stored", err)
	}
	if !bytes.Equal(stored, content) {
		return Ref{}, fmt.Errorf("store %s: %w", key, ErrConflict)
	}
	return ref, nil
}

// write stores an object under a key that is free.
func (b *Bucket) write(ctx context.Context, key string, content []byte) error {
	for tries := 1; ; tries++ {
		err := b.bucket.WriteAll(ctx, key, content, &blob.WriterOptions{IfNotExist: true, ContentType: "application/octet-stream"})
		if tries == mostTries || !underWay(err) {
			return err
		}
	}
}

// mostTries bounds the writes of one object while others write the same. Who comes second finds it there.
const mostTries = 5

// Get reads an object and verifies that it is the one that was stored.
func (b *Bucket) Get(ctx context.Context, ref Ref) ([]byte, error) {
	content, err := b.bucket.ReadAll(ctx, ref.Key)
	if err != nil {
		return nil, b.failed("read "+ref.Key, err)
	}
	hash := sha256.Sum256(content)
	if int64(len(content)) != ref.Size || hex.EncodeToString(hash[:]) != ref.SHA256 {
		return nil, fmt.Errorf("read %s: %d bytes with SHA-256 %x, want %d with %s: %w",
			ref.Key, len(content), hash, ref.Size, ref.SHA256, ErrDamaged)
	}
	return content, nil
}
