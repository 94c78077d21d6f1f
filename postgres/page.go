package postgres

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// Page asks for what comes after a place in a list. The zero Page is the beginning.
type Page struct {
	After string // what the list before answered as next; opaque to the caller
	Limit int    // 0 = DefaultLimit; more than MaxLimit is cut to it
}

// Sizes of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 500
)

func (p Page) limit() int {
	switch {
	case p.Limit <= 0:
		return DefaultLimit
	case p.Limit > MaxLimit:
		return MaxLimit
	}
	return p.Limit
}

// cursor packs the key of the last item, so that the next page starts after it by index whatever was added meanwhile.
func cursor(key ...any) string {
	text, err := json.Marshal(key)
	if err != nil { // strings and numbers only
		panic(fmt.Sprintf("page cursor of %v: %v", key, err))
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// read unpacks After into the parts of a key; nothing is written when it is empty.
func (p Page) read(parts ...any) error {
	if p.After == "" {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(p.After)
	if err == nil {
		var key []json.RawMessage
		if err = json.Unmarshal(text, &key); err == nil && len(key) != len(parts) {
			err = fmt.Errorf("%d parts, want %d", len(key), len(parts))
		}
		for i := 0; err == nil && i < len(parts); i++ {
			err = json.Unmarshal(key[i], parts[i])
		}
	}
	if err != nil {
		return fmt.Errorf("page after %q: not a cursor that this list gave: %w", p.After, ErrInvalid)
	}
	return nil
}

// paged cuts the one item too many that a list asked for, and answers with the cursor of the last item kept.
func paged[T any](items []T, p Page, key func(T) string) ([]T, string) {
	if len(items) <= p.limit() {
		return items, ""
	}
	items = items[:p.limit()]
	return items, key(items[len(items)-1])
}
