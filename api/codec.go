package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"go.temporal.io/sdk/converter"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/codec"
)

// maxSealed bounds what the Web UI asks to be opened at once: a page of a history.
const maxSealed = 8 << 20

// serveCodec opens and seals payloads for the Temporal Web UI, for operators: Temporal's own protocol, so it stands outside
// the API's description. Browsers send the key as the password of basic authentication, which they remember once the
// page /codec/ was opened; programs send it as everywhere else.
func (s *server) serveCodec(engine *gin.Engine, keys *codec.Keys) {
	if keys == nil {
		return
	}
	handler := gin.WrapH(converter.NewPayloadCodecHTTPHandler(codec.New(keys)))
	group := engine.Group("/codec", s.allowWebUI, s.operatorsOnly)
	group.GET("/", func(c *gin.Context) {
		c.String(http.StatusOK, "Signed in. The Web UI can now open payloads: set its codec endpoint to this address without the last slash, "+
			"and include cross-origin credentials.\n")
	})
	group.POST("/decode", handler)
	group.POST("/encode", handler)
	engine.OPTIONS("/codec/*path", s.allowWebUI)
}

// allowWebUI lets the pages of the Web UI, and no others, ask from a browser.
func (s *server) allowWebUI(c *gin.Context) {
	c.Header("Vary", "Origin")
	origin := c.GetHeader("Origin")
	if ours := strings.TrimSuffix(s.config.WebUI, "/"); origin != "" && origin == ours {
		c.Header("Access-Control-Allow-Origin", origin)
		c.Header("Access-Control-Allow-Credentials", "true")
		c.Header("Access-Control-Allow-Methods", "POST, OPTIONS")
		c.Header("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Namespace")
		c.Header("Access-Control-Max-Age", "600")
	} else if origin != "" {
		fail(c, forbidden.because("pages of %.100q may not ask: only those of the Web UI, %s", origin, s.config.WebUI))
		return
	}
	if c.Request.Method == http.MethodOptions {
		c.AbortWithStatus(http.StatusNoContent)
	}
}

func (s *server) operatorsOnly(c *gin.Context) {
	if c.Request.Method == http.MethodGet { // a person's: the browser asks for the key
		c.Header("WWW-Authenticate", `Basic realm="any name, and an operator's API key as password"`)
	}
	if _, password, basic := c.Request.BasicAuth(); basic {
		c.Request.Header.Set("Authorization", "Bearer "+password)
	}
	caller, ok := s.signIn(c)
	switch {
	case !ok:
		return
	case !caller.has(city.Operator):
		fail(c, forbidden.because("only operators open payloads; the key has %v", caller.Roles))
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxSealed)
}
