package blobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"gocloud.dev/gcerrors"
)

// Replace puts an object back that was lost or changed: content must be what ref says, else nothing is changed and it is an
// ErrConflict.
func (b *Bucket) Replace(ctx context.Context, ref Ref, content []byte) error {
	hash := sha256.Sum256(content)
	if int64(len(content)) != ref.Size || hex.EncodeToString(hash[:]) != ref.SHA256 {
		return fmt.Errorf("put back %s: another content than was stored: %w", ref.Key, ErrConflict)
	}
	if err := b.bucket.Delete(ctx, ref.Key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return b.failed("put back "+ref.Key, err)
	}
	_, err := b.Put(ctx, ref.Key, content)
	return err
}
