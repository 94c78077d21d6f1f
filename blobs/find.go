package blobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"gocloud.dev/gcerrors"
)

// Find makes the claim check of an object that may have been stored under a key before; false when there is none. A step
// that is repeated asks it whether its work is done.
func (b *Bucket) Find(ctx context.Context, key string) (Ref, bool, error) {
	content, err := b.bucket.ReadAll(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return Ref{}, false, nil
	}
	if err != nil {
		return Ref{}, false, fmt.Errorf("look for %s: %w", key, err)
	}
	hash := sha256.Sum256(content)
	return Ref{URI: b.url, Key: key, Size: int64(len(content)), SHA256: hex.EncodeToString(hash[:])}, true, nil
}
