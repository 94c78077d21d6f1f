package blobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// Find makes the claim check of an object that may have been stored under a key before; false when there is none. A step
// that is repeated asks it whether its work is done.
func (b *Bucket) Find(ctx context.Context, key string) (Ref, bool, error) {
	content, err := b.bucket.ReadAll(ctx, key)
	if err = b.failed("look for "+key, err); errors.Is(err, ErrNotFound) {
		return Ref{}, false, nil
	}
	if err != nil {
		return Ref{}, false, err
	}
	hash := sha256.Sum256(content)
	return Ref{URI: b.url, Key: key, Size: int64(len(content)), SHA256: hex.EncodeToString(hash[:])}, true, nil
}
