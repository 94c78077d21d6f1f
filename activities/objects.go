package activities

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"github.com/city-resource-graph/crg/blobs"
)

// Ref is the claim check of an object that is too large for a workflow's payload.
type Ref = blobs.Ref

// Objects is where large data lies while a workflow runs.
type Objects interface {
	Put(ctx context.Context, key string, content []byte) (Ref, error)
	Get(ctx context.Context, ref Ref) ([]byte, error)
	Find(ctx context.Context, key string) (Ref, bool, error)
}

// putJSON stores v as compressed JSON.
func putJSON(ctx context.Context, objects Objects, name string, v any) (Ref, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return Ref{}, fmt.Errorf("encode %s: %w", name, err)
	}
	return putText(ctx, objects, name, text)
}

// putText stores compressed JSON. The key ends with the content's hash, so that a repeated step that found other data
// than the first attempt does not stand in its way.
func putText(ctx context.Context, objects Objects, name string, text []byte) (Ref, error) {
	content, err := compress(text)
	if err != nil {
		return Ref{}, fmt.Errorf("compress %s: %w", name, err)
	}
	hash := sha256.Sum256(content)
	return objects.Put(ctx, name+"-"+hex.EncodeToString(hash[:6])+".json.gz", content)
}

func compress(text []byte) ([]byte, error) {
	var buffer bytes.Buffer
	zip := gzip.NewWriter(&buffer)
	if _, err := zip.Write(text); err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

// getJSON reads what putJSON stored.
func getJSON(ctx context.Context, objects Objects, ref Ref, v any) error {
	text, err := getText(ctx, objects, ref)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("read %s: %w: %w", ref.Key, blobs.ErrDamaged, err)
	}
	return nil
}

func getText(ctx context.Context, objects Objects, ref Ref) ([]byte, error) {
	content, err := objects.Get(ctx, ref)
	if err != nil {
		return nil, err
	}
	zip, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w: %w", ref.Key, blobs.ErrDamaged, err)
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w: %w", ref.Key, blobs.ErrDamaged, err)
	}
	return text, nil
}

// reference writes a claim check for a row of the database, referred reads it back.
func reference(ref Ref) json.RawMessage {
	text, _ := json.Marshal(ref) // strings and a number always encode
	return text
}

func referred(text json.RawMessage) (ref Ref, err error) {
	if err := json.Unmarshal(text, &ref); err != nil {
		return Ref{}, fmt.Errorf("%w: reference to an object: %w", errInvalid, err)
	}
	return ref, nil
}
