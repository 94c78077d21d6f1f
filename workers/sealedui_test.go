package workers_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/browsertest"
	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/cache/cachetest"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/codec"
	"github.com/city-resource-graph/crg/telemetry"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

// What a workflow carries is sealed to whoever opens the Web UI, and to its codec endpoint's callers too until an operator has
// signed in there with the same browser; from then on the page reads like one of an open city.
func TestASealedPayloadInTheWebUI(t *testing.T) {
	t.Parallel()
	ui := webUI(t)
	keys, err := codec.ParseKeys([]string{codecKey(t, "a")})
	require.NoError(t, err)
	w := newTownIn(t, workertest.NewWith(t, secured(keys)), 50)
	w.Worker(t, "sealed", workflows.CityQueue)
	w.load("i1")
	opened, err := cache.Open(cachetest.URL(t), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { _ = opened.Close() })
	handler, err := api.New(api.Config{WebUI: ui, QueuePrefix: w.Prefix}, api.Dependencies{
		Store: w.Store, Cache: opened, Temporal: w.Client, Keys: keys, Metrics: telemetry.NewMetrics(), Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)

	page := browsertest.Open(t)
	id := workflows.ImportID(w.id, "i1")
	workflow := workflows.Link(ui, w.Namespace, id)
	events := w.Client.GetWorkflowHistory(t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	begin, err := events.Next()
	require.NoError(t, err)
	input := base64.StdEncoding.EncodeToString(begin.GetWorkflowExecutionStartedEventAttributes().GetInput().GetPayloads()[0].GetData())
	page.Visit(workflow)
	page.See("ImportDataset", input)
	require.NotContains(t, page.Text(), w.source)
	page.Picture("sealed")

	endpoint, err := json.Marshal(server.URL + "/codec")
	require.NoError(t, err)
	page.Remember(map[string]string{ // as the dialog for the codec server keeps it
		"endpoint": string(endpoint), "includeCredentials": "true", "overrideRemoteCodecConfiguration": "true",
	})
	page.Visit(workflow)
	page.See("ImportDataset", "Codec Server could not connect", input)
	require.NotContains(t, page.Text(), w.source, "not signed in")

	key := w.key("olga", "", city.Operator)
	page.Visit(strings.Replace(server.URL, "http://", fmt.Sprintf("http://olga:%s@", url.QueryEscape(key)), 1) + "/codec/")
	page.See("Signed in.")
	page.Visit(workflow)
	page.See("ImportDataset", w.source)
	require.NotContains(t, page.Text(), input)
	page.Picture("opened")
}
