package source

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// composed writes text in the one form in which it is compared: Unicode's NFC. A name that one program saves as "ü" and
// another one as "u" with a mark after it is one name, with one id.
func composed(text string) string {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return norm.NFC.String(text)
		}
	}
	return text
}
