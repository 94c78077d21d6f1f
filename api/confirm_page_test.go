package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// browse answers a request as a browser sends it.
func (b *bed) browse(method, path, form string) *httptest.ResponseRecorder {
	b.t.Helper()
	request := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(form))
	if form != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	recorder := httptest.NewRecorder()
	b.handler.ServeHTTP(recorder, request)
	return recorder
}

func TestAHolderAnswersByLink(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.registerAttributes()
	b.resource("chair", "giver", 1, city.ListingUnconfirmed)
	b.resource("table", "giver", 1, city.ListingUnconfirmed)
	b.resource("open", "giver", 1, city.ListingOpen)
	b.endLater(workflows.ConfirmID(b.city, "chair"))
	b.endLater(workflows.ConfirmID(b.city, "table"))
	want[wire.Contact](b.post(b.giver(), "/api/v1/contacts", wire.NewContact{Channel: "email", Address: "giver@example.org"}), http.StatusCreated)
	body := wire.NewConfirmationRequests{Resources: []string{"chair", "table", "chair", "open", "none"}, WithinHours: 48}
	asked := want[wire.ConfirmationRequests](b.post(b.matcher(), "/api/v1/resources/confirmation-requests", body), http.StatusAccepted)
	require.Len(t, asked.Asked, 2)
	require.Len(t, asked.Refused, 3)
	require.Equal(t, 1, asked.Asked[0].Contacts)
	again := want[wire.ConfirmationRequests](b.post(b.matcher(), "/api/v1/resources/confirmation-requests", body), http.StatusAccepted)
	require.Empty(t, again.Asked, "another question is open")

	request, err := b.store.OpenConfirmationRequest(t.Context(), b.city, "chair")
	require.NoError(t, err)
	until := time.Now().Add(time.Hour)
	link := links.Confirm(notices.Question{City: b.city, Listing: "chair", Request: request.ID, Until: until})
	path := strings.TrimPrefix(link, "https://crg.example")
	shown := b.browse(http.MethodGet, path, "")
	require.Equal(t, http.StatusOK, shown.Code)
	require.Contains(t, shown.Body.String(), "Fruit and vegetables, 1 kg: is it still there")
	require.Contains(t, shown.Body.String(), `<p class="from">Town</p>`, "who asks")
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	require.Contains(t, shown.Body.String(), "until "+until.In(newYork).Format("Monday, 2 January 2006, 15:04 MST"))
	require.Contains(t, shown.Header().Get("Content-Security-Policy"), "default-src 'none'")
	require.Equal(t, "no-referrer", shown.Header().Get("Referrer-Policy"))
	require.Equal(t, city.ListingUnconfirmed, b.stateOf("chair"), "looking at the page changes nothing")

	require.Equal(t, http.StatusBadRequest, b.browse(http.MethodPost, path, "answer=perhaps").Code)
	require.Equal(t, http.StatusOK, b.browse(http.MethodPost, path, "answer=yes").Code)
	require.Equal(t, city.ListingOpen, b.stateOf("chair"))
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		used := b.browse(method, path, "answer=no")
		require.Equal(t, http.StatusGone, used.Code, used.Body)
	}
	require.Equal(t, city.ListingOpen, b.stateOf("chair"), "the link is used up")
	closed, err := b.store.ConfirmationRequest(t.Context(), b.city, request.ID)
	require.NoError(t, err)
	require.Equal(t, "confirmed", closed.Outcome)

	require.Equal(t, http.StatusNotFound, b.browse(http.MethodGet, path+"x", "").Code)
	late := links.Confirm(notices.Question{City: b.city, Listing: "table", Request: "q", Until: time.Now().Add(-time.Minute)})
	require.Equal(t, http.StatusNotFound, b.browse(http.MethodGet, strings.TrimPrefix(late, "https://crg.example"), "").Code)

	// The other way: with a key, in bulk, which closes the question as well.
	done := want[wire.Confirmations](b.post(b.giver(), "/api/v1/resources/confirmations", wire.NewConfirmations{
		Answers: []wire.NewConfirmation{{Resource: "table", Usable: false}},
	}), http.StatusOK)
	require.Equal(t, 1, done.Denied)
	_, err = b.store.OpenConfirmationRequest(t.Context(), b.city, "table")
	require.ErrorIs(t, err, postgres.ErrNotFound)
}

func (b *bed) stateOf(id city.ListingID) city.ListingState {
	b.t.Helper()
	l, err := b.store.Listing(b.t.Context(), b.city, id)
	require.NoError(b.t, err)
	return l.State
}

func TestWithoutASecretNoLinkIsTaken(t *testing.T) {
	t.Parallel()
	b := newBedOver(t, wires{config: func(c *api.Config) { c.Links = notices.Links{} }})
	link := links.Confirm(notices.Question{City: b.city, Listing: "chair", Request: "q", Until: time.Now().Add(time.Hour)})
	require.Equal(t, http.StatusNotFound, b.browse(http.MethodGet, strings.TrimPrefix(link, "https://crg.example"), "").Code)
}
