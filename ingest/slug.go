package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
)

// slug makes a readable id of texts: letters, digits, underscores and dashes, the parts joined by dots. One that would be
// too long is cut and ends in a piece of its hash, so that two long ones stay apart; so does a part with letters that an id
// cannot have, or Şahin and Ğahin would be one.
func slug(parts []string, limit int) string {
	var out strings.Builder
	for _, part := range parts {
		cleaned := clean(part)
		if cleaned == "" {
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('.')
		}
		out.WriteString(cleaned)
	}
	text := out.String()
	if len(text) <= limit {
		return text
	}
	return strings.TrimRight(text[:limit-9], "-._") + "." + fingerprint(strings.Join(parts, "\x00"))
}

// nameless is a key from which nobody reads a name.
func nameless(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:8])
}

func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

func clean(text string) string {
	var out strings.Builder
	gap := false
	for i := range len(text) {
		c := text[i]
		if c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') {
			if gap && out.Len() > 0 {
				out.WriteByte('-')
			}
			gap = false
			out.WriteByte(c)
			continue
		}
		gap = true
	}
	if strings.ContainsFunc(text, names) {
		if out.Len() > 0 {
			out.WriteByte('-')
		}
		out.WriteString(fingerprint(text))
	}
	return out.String()
}

// names says of a rune beyond ASCII that it tells names apart: a letter, a digit, an emoji; no dash, quote or space.
func names(r rune) bool {
	return r > unicode.MaxASCII && !unicode.IsPunct(r) && !unicode.IsSpace(r)
}
