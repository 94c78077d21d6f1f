package api

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/postgres"
)

// A holder who has no API key answers by a link: GET shows the question and changes nothing, because mail programs open
// links by themselves; POST answers. The link is its own key, so the page says no more than the mail did, and it stands
// outside the API's description as /docs does.

//go:embed confirm.html
var confirmFile embed.FS

var confirmPage = template.Must(template.ParseFS(confirmFile, "confirm.html"))

// confirmView is what the page shows.
type confirmView struct {
	From  string // the city that asks; empty where that is not known
	Title string
	Text  string
	Ask   bool
}

// onlyThisPage is the page's content security policy: its form goes back to where it came from, and nothing else moves.
const onlyThisPage = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *server) serveConfirm(engine *gin.Engine) {
	engine.GET("/confirm/:token", s.showQuestion)
	engine.POST("/confirm/:token", s.takeAnswer)
}

func (s *server) showQuestion(c *gin.Context) {
	question, l, view := s.question(c)
	if view == nil {
		view = s.asking(c, question, l)
	}
	view.show(c)
}

// asking puts the question to somebody who knows neither our codes nor our clock: by the category's title, until a moment
// that the city's clocks show, as the mail had it.
func (s *server) asking(c *gin.Context, q notices.Question, l postgres.Listing) *confirmView {
	town, err := s.store.City(c.Request.Context(), q.City)
	if err != nil {
		return s.unread(c, err)
	}
	zone, err := time.LoadLocation(town.TimeZone)
	if err != nil {
		return s.unread(c, err)
	}
	return &confirmView{
		From: town.Name, Title: "Still there?", Ask: true,
		Text: fmt.Sprintf("%s, %d %s: is it still there and usable? Please answer until %s.", s.taxonomy.Title(l.Leaf), l.Quantity.Amount,
			l.Quantity.Unit, town.Clock.Now(q.Until).In(zone).Format("Monday, 2 January 2006, 15:04 MST")),
	}
}

func (s *server) takeAnswer(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 4<<10)
	answer := c.PostForm("answer")
	if answer != "yes" && answer != "no" {
		(&confirmView{Title: "Please choose yes or no"}).show(c, http.StatusBadRequest)
		return
	}
	question, l, view := s.question(c)
	if view != nil {
		view.show(c)
		return
	}
	if err := s.answerQuestion(c.Request.Context(), question, l, answer == "yes"); err != nil {
		s.logger.ErrorContext(c.Request.Context(), "an answer by link failed", "error", err)
		(&confirmView{Title: "That did not work", Text: "Please try again in a minute."}).show(c, http.StatusServiceUnavailable)
		return
	}
	(&confirmView{Title: "Thank you", Text: "Your answer is recorded. The link is used up."}).show(c)
}

// question reads the link; what it shows instead of the question comes back as a view.
func (s *server) question(c *gin.Context) (q notices.Question, l postgres.Listing, instead *confirmView) {
	ctx := c.Request.Context()
	q, err := s.config.Links.Read(c.Param("token"), time.Now())
	if err != nil {
		if allowed, _ := s.guesses.Allow(ctx, "address:"+c.ClientIP()); !allowed {
			c.Status(http.StatusTooManyRequests)
			return q, l, &confirmView{Title: "Too many attempts", Text: "Please try again later."}
		}
		c.Status(http.StatusNotFound)
		return q, l, &confirmView{Title: "This link does not hold", Text: "It was changed on its way, or its time is over."}
	}
	r, err := s.store.OpenConfirmationRequest(ctx, q.City, q.Listing)
	if err == nil && r.ID == q.Request {
		if l, err = s.store.Listing(ctx, q.City, q.Listing); err == nil {
			return q, l, nil
		}
	}
	if err == nil || errors.Is(err, postgres.ErrNotFound) {
		c.Status(http.StatusGone)
		return q, l, &confirmView{Title: "This question is closed", Text: "It was answered, or nobody needs the answer any more."}
	}
	return q, l, s.unread(c, err)
}

// unread says that a question could not be read, and leaves the reason to the log.
func (s *server) unread(c *gin.Context, err error) *confirmView {
	s.logger.ErrorContext(c.Request.Context(), "a question could not be read", "error", err)
	c.Status(http.StatusServiceUnavailable)
	return &confirmView{Title: "That did not work", Text: "Please try again in a minute."}
}

// answerQuestion records the holder's word. The link's request is its decision's id, so that it counts once.
func (s *server) answerQuestion(ctx context.Context, q notices.Question, l postgres.Listing, usable bool) error {
	err := s.store.AppendAudit(ctx, postgres.AuditEntry{
		City: q.City, Actor: "link:" + string(l.Holder), Role: city.Lister, Action: "confirm", Kind: "listing", Subject: string(q.Listing),
	})
	if err != nil {
		return err
	}
	answered, err := s.store.ConfirmListings(ctx, q.City, []postgres.ListingAnswer{{
		Listing: q.Listing, Usable: usable, Decision: city.DecisionID("link." + shortHash(q.Request)),
	}}, postgres.Author{Actor: "link:" + string(l.Holder), Role: city.Lister, Party: city.Giver, Origin: city.Observed})
	if err == nil {
		s.tellAnswered(ctx, q.City, answered.Requests)
	}
	return err
}

func (v *confirmView) show(c *gin.Context, status ...int) {
	c.Header("Content-Type", "text/html; charset=utf-8")
	c.Header("Content-Security-Policy", onlyThisPage)
	c.Header("Referrer-Policy", "no-referrer") // the address is the key
	c.Header("Cache-Control", "no-store")
	c.Header("X-Robots-Tag", "noindex")
	if len(status) > 0 {
		c.Status(status[0])
	}
	if err := confirmPage.Execute(c.Writer, v); err != nil {
		_ = c.Error(err)
	}
}
