package workers_test

import (
	"context"
	"io"
	"log/slog"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/cache/cachetest"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/telemetry"
	"github.com/city-resource-graph/crg/workflows"
)

// shellBlock finds the commands of a page.
var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// tellStory runs every command of a page in its order; the first that fails fails the test.
func tellStory(t *testing.T, page string, environment ...string) {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	var script strings.Builder
	for _, block := range shellBlock.FindAllSubmatch(text, -1) {
		script.Write(block[1])
	}
	require.NotEmpty(t, script.String())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	// With -x, what failed can be seen; the keys in it open nothing but this test's database.
	command := exec.CommandContext(ctx, "bash", "-euxo", "pipefail", "-c", script.String())
	command.Env = append(os.Environ(), environment...)
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
}

// serveAPI serves the API of a town as crg api would.
func (w *town) serveAPI() string {
	w.t.Helper()
	opened, err := cache.Open(cachetest.URL(w.t), slog.New(slog.DiscardHandler))
	require.NoError(w.t, err)
	w.t.Cleanup(func() { _ = opened.Close() })
	handler, err := api.New(api.Config{Address: "unused", WebUI: "http://web.example", QueuePrefix: w.Prefix, Links: w.Links}, api.Dependencies{
		Store: w.Store, Cache: opened, Temporal: w.Client, Metrics: telemetry.NewMetrics(), Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(w.t, err)
	w.api.Config.Handler = handler
	w.api.Start()
	w.t.Cleanup(w.api.Close)
	return w.api.URL
}

func (w *town) key(actor string, participant city.ParticipantID, roles ...city.Role) string {
	w.t.Helper()
	key, _, err := api.CreateKey(w.t.Context(), w.Store, api.NewKey{City: w.id, Actor: actor, Participant: participant, Roles: roles})
	require.NoError(w.t, err)
	return key
}

// serveMails shows the newest mail to an address, decoded.
func (w *town) serveMails() string {
	w.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mailbox.mu.Lock()
		defer w.mailbox.mu.Unlock()
		for i := len(w.mailbox.mails) - 1; i >= 0; i-- {
			header, body, _ := strings.Cut(w.mailbox.mails[i], "\r\n\r\n")
			if strings.Contains(header, "<"+strings.TrimPrefix(r.URL.Path, "/")+">") {
				text, _ := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
				_, _ = io.WriteString(rw, strings.ReplaceAll(header+"\n\n"+string(text), "\r\n", "\n"))
				return
			}
		}
		rw.WriteHeader(http.StatusNotFound)
	}))
	w.t.Cleanup(server.Close)
	return server.URL
}

// docs/story-coordinator.md, command by command.
func TestACoordinatorsMonday(t *testing.T) {
	t.Parallel()
	w := newTown(t, 400)
	w.api = httptest.NewUnstartedServer(nil)
	w.Links = notices.Links{BaseURL: "http://" + w.api.Listener.Addr().String(), Secret: []byte("0123456789abcdef0123456789abcdef")}
	w.deliverNotices()
	w.mailbox.trusting = true
	require.Positive(t, w.match().Recorded)
	w.waiting(w.matches())
	w.holderOf("chair", "maria")
	row, err := w.Store.City(t.Context(), w.id)
	require.NoError(t, err)
	friday := row.Clock.Now(time.Now()).Add(1000 * time.Hour * time.Duration(row.Clock.Scale))
	tellStory(t, "../docs/story-coordinator.md",
		"API="+w.serveAPI(), "MAILBOX="+w.serveMails(), "FRIDAY="+friday.UTC().Format(time.RFC3339),
		"ADA="+w.key("ada", "", city.Approver), "BOB="+w.key("bob", "", city.Approver), "MAX="+w.key("max", "", city.Matcher),
		"MARIA="+w.key("maria", "maria", city.Lister))
	findings, err := w.Store.Invariants(t.Context())
	require.NoError(t, err)
	require.Empty(t, findings)
}

// holderOf records a participant with an unconfirmed resource.
func (w *town) holderOf(listing city.ListingID, holder city.ParticipantID) {
	w.t.Helper()
	require.NoError(w.t, w.Store.InsertParticipant(w.t.Context(), city.Participant{
		ID: holder, City: w.id, Kind: city.Person, Name: string(holder), LocationQuality: city.Default, State: city.ParticipantActive,
		Origin: city.Generated, Source: "test", SourceKey: string(holder),
	}))
	require.NoError(w.t, w.Store.InsertListing(w.t.Context(), postgres.Listing{Listing: city.Listing{
		ID: listing, City: w.id, Side: city.ResourceSide, Holder: holder, Leaf: "goods.furniture",
		Quantity: city.Quantity{Amount: 1, Unit: city.Piece, Quality: city.Declared}, LocationQuality: city.Default, Temperature: city.Ambient,
		State: city.ListingUnconfirmed, Origin: city.Generated, Source: "test", SourceKey: string(listing),
		Resource: &city.ResourceTerms{Divisible: true, MinimumLot: 1, Condition: 1, UsableChance: 0.5, ReceiverKinds: []city.Kind{}},
	}}))
}

// docs/howto-fairness.md, command by command.
func TestReserveAShareForAWard(t *testing.T) {
	t.Parallel()
	w := newTown(t, 400)
	w.Worker(t, "v1", workflows.CityQueue, workflows.MatchingQueue)
	w.load("i1")
	w.api = httptest.NewUnstartedServer(nil)
	tellStory(t, "../docs/howto-fairness.md", "API="+w.serveAPI(), "MAX="+w.key("max", "", city.Matcher))
	findings, err := w.Store.Invariants(t.Context())
	require.NoError(t, err)
	require.Empty(t, findings)
}
