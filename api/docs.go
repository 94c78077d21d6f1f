package api

import (
	"embed"
	"net/http"

	"github.com/gin-gonic/gin"
)

// The explorer is three small files of our own: it asks no other server for anything.
//
//go:embed explorer
var explorer embed.FS

// serveDocs serves the API's description and a page on which it can be read and tried out.
func serveDocs(engine *gin.Engine, document []byte) {
	engine.GET("/openapi.json", func(c *gin.Context) {
		c.Data(http.StatusOK, "application/json", document)
	})
	engine.GET("/docs", func(c *gin.Context) { c.Redirect(http.StatusFound, "/docs/") })
	engine.GET("/docs/", explorerPage("index.html", "text/html; charset=utf-8"))
	engine.GET("/docs/explorer.js", explorerPage("explorer.js", "text/javascript; charset=utf-8"))
	engine.GET("/docs/explorer.css", explorerPage("explorer.css", "text/css; charset=utf-8"))
}

// onlyOurs is the page's content security policy: nothing comes from elsewhere and nothing goes there.
const onlyOurs = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; " +
	"frame-ancestors 'none'; form-action 'none'"

func explorerPage(name, contentType string) gin.HandlerFunc {
	content, err := explorer.ReadFile("explorer/" + name)
	if err != nil { // it is part of the program
		panic(err)
	}
	return func(c *gin.Context) {
		c.Header("Content-Security-Policy", onlyOurs)
		c.Header("Referrer-Policy", "no-referrer")
		c.Data(http.StatusOK, contentType, content)
	}
}
