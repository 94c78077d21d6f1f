package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// slug makes a readable id of texts: letters, digits, underscores and dashes, the parts joined by dots. One that would be
// too long is cut and ends in a piece of its hash, so that two long ones stay apart.
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
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.TrimRight(text[:limit-9], "-._") + "." + hex.EncodeToString(sum[:4])
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
	return out.String()
}
