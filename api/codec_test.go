package api_test

import (
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/codec"
)

const webUI = "http://web.example"

func TestOperatorsOpenPayloadsInTheWebUI(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	key, err := codec.NewKey("2026")
	require.NoError(t, err)
	keys, err := codec.ParseKeys([]string{key})
	require.NoError(t, err)
	b.deps.Keys = keys
	b.handler, err = api.New(api.Config{WebUI: webUI + "/"}, b.deps)
	require.NoError(t, err)
	sealed, err := codec.New(keys).Encode([]*common.Payload{{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"text"`)}})
	require.NoError(t, err)
	body, err := protojson.Marshal(&common.Payloads{Payloads: sealed})
	require.NoError(t, err)
	ask := func(key string, header map[string]string) answer {
		return b.send(call{method: http.MethodPost, path: "/codec/decode", key: key, body: string(body), once: "none", header: header})
	}
	fromUI := map[string]string{"Origin": webUI, "X-Namespace": "default"}

	a := ask(b.operator(), fromUI)
	require.Equal(t, http.StatusOK, a.status, "%s", a.body)
	require.Equal(t, webUI, a.header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "true", a.header.Get("Access-Control-Allow-Credentials"))
	require.Contains(t, string(a.body), base64.StdEncoding.EncodeToString([]byte(`"text"`)))

	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("olga:"+b.operator()))
	a = ask("", map[string]string{"Origin": webUI, "Authorization": basic})
	require.Equal(t, http.StatusOK, a.status, "as a browser remembers it")

	ask("", fromUI).problem(http.StatusUnauthorized, "unauthenticated")
	ask(b.auditor(), fromUI).problem(http.StatusForbidden, "forbidden")
	a = ask(b.operator(), map[string]string{"Origin": "http://evil.example"})
	a.problem(http.StatusForbidden, "forbidden")
	require.Empty(t, a.header.Get("Access-Control-Allow-Origin"))

	preflight := b.send(call{method: http.MethodOptions, path: "/codec/decode", header: fromUI})
	require.Equal(t, http.StatusNoContent, preflight.status)
	require.Contains(t, preflight.header.Get("Access-Control-Allow-Headers"), "X-Namespace")
	page := b.send(call{method: http.MethodGet, path: "/codec/"})
	require.Equal(t, http.StatusUnauthorized, page.status)
	require.Contains(t, page.header.Get("WWW-Authenticate"), "Basic", "the browser asks for the key")

	sealed[0].Metadata["encryption-key-id"] = []byte("2019")
	body, err = protojson.Marshal(&common.Payloads{Payloads: sealed})
	require.NoError(t, err)
	a = ask(b.operator(), fromUI)
	require.Equal(t, http.StatusBadRequest, a.status)
	require.Contains(t, string(a.body), `sealed with key "2019"`)
}

func TestWithoutKeysThereIsNoCodec(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	a := b.send(call{method: http.MethodPost, path: "/codec/decode", key: b.operator(), body: "{}", once: "none"})
	require.Equal(t, http.StatusNotFound, a.status)
}
