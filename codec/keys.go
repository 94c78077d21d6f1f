package codec

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Keys are the keys of an installation by their ids. The first one seals; all of them open, so that a key is rotated by
// putting a new one in front and taken out when nothing that it sealed is kept any more.
type Keys struct {
	sealing string
	ciphers map[string]cipher.AEAD
}

// keySize is that of AES-256.
const keySize = 32

var keyIDs = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)

// ParseKeys reads keys as "id:base64" texts, the sealing one first; none when there are none. An error names the id and
// never the key.
func ParseKeys(texts []string) (*Keys, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	keys := &Keys{ciphers: map[string]cipher.AEAD{}}
	for i, text := range texts {
		id, encoded, found := strings.Cut(strings.TrimSpace(text), ":")
		if !found || !keyIDs.MatchString(id) {
			return nil, fmt.Errorf("codec key %d: want id:key, the id of letters, digits, '.', '_' and '-', as `crg codec new-key` prints it", i+1)
		}
		secret, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || len(secret) != keySize {
			return nil, fmt.Errorf("codec key %q: want %d bytes in base64, as `crg codec new-key` prints them", id, keySize)
		}
		if _, twice := keys.ciphers[id]; twice {
			return nil, fmt.Errorf("codec key %q: the id is there twice", id)
		}
		if keys.ciphers[id], err = newCipher(secret); err != nil {
			return nil, fmt.Errorf("codec key %q: %w", id, err)
		}
		if i == 0 {
			keys.sealing = id
		}
	}
	return keys, nil
}

// newCipher draws a random nonce for each payload. That is safe for 2^32 payloads of one key: about two months of a
// thousand a second, so rotate before.
func newCipher(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// NewKey makes a key as ParseKeys reads it.
func NewKey(id string) (string, error) {
	if !keyIDs.MatchString(id) {
		return "", fmt.Errorf("key id %q: want 1 to 40 letters, digits, '.', '_' and '-'", id)
	}
	secret := make([]byte, keySize)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	return id + ":" + base64.StdEncoding.EncodeToString(secret), nil
}

// IDs lists the ids of the keys, the sealing one first.
func (k *Keys) IDs() []string {
	ids := []string{k.sealing}
	for id := range k.ciphers {
		if id != k.sealing {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids[1:])
	return ids
}

// KeyError says that something was sealed with a key that is not there. Nothing is lost: with the key it can be read.
type KeyError struct {
	ID   string   // of the key that is wanted
	Have []string // ids of those that are there
}

func (e *KeyError) Error() string {
	return fmt.Sprintf("sealed with key %q, and the keys here are %s: add it to CRG_CODEC_KEYS, behind the first one",
		e.ID, strings.Join(e.Have, ", "))
}
