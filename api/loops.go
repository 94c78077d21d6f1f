package api

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/gin-gonic/gin"
)

// The headers by which a request is known as a notice that this API sent; package notices/webhook writes them.
const (
	noticeHeader = "Crg-Notice-Id"
	hopHeader    = "Crg-Hop"
)

// refuseLoops refuses a notice of ours that came back. The address of a webhook is checked when it is stated and when it
// is called, but a proxy behind it may lead here.
func refuseLoops(c *gin.Context) {
	if c.GetHeader(noticeHeader) != "" || c.GetHeader(hopHeader) != "" {
		fail(c, loop.because("%s %s: remove the webhook that leads here", noticeHeader, c.GetHeader(noticeHeader)))
	}
}

// shortHash is 80 bits of a text's SHA-256, in letters that an id may have.
func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}
