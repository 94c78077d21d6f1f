package codec_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/codec"
)

func newKey(t testing.TB, id string) string {
	t.Helper()
	text, err := codec.NewKey(id)
	require.NoError(t, err)
	return text
}

func keys(t testing.TB, texts ...string) *codec.Keys {
	t.Helper()
	parsed, err := codec.ParseKeys(texts)
	require.NoError(t, err)
	return parsed
}

func TestWhatIsSealedOpensToTheSame(t *testing.T) {
	t.Parallel()
	c := codec.New(keys(t, newKey(t, "a")))
	rapid.Check(t, func(t *rapid.T) {
		payload := &common.Payload{
			Metadata: map[string][]byte{"encoding": []byte(rapid.String().Draw(t, "encoding"))},
			Data:     rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
		}
		sealed, err := c.Encode([]*common.Payload{payload, payload})
		require.NoError(t, err)
		require.NotEqual(t, sealed[0].Data, sealed[1].Data, "a nonce of its own for each")
		if len(payload.Data) > 8 {
			require.False(t, bytes.Contains(sealed[0].Data, payload.Data))
		}
		opened, err := c.Decode(sealed)
		require.NoError(t, err)
		for _, one := range opened {
			require.True(t, proto.Equal(payload, one))
		}
	})
}

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	old, fresh := newKey(t, "2025"), newKey(t, "2026")
	payload := []*common.Payload{{Data: []byte("text")}}
	sealed, err := codec.New(keys(t, old)).Encode(payload)
	require.NoError(t, err)
	both := codec.New(keys(t, fresh, old))
	opened, err := both.Decode(sealed)
	require.NoError(t, err)
	require.Equal(t, "text", string(opened[0].Data))
	resealed, err := both.Encode(payload)
	require.NoError(t, err)
	require.Equal(t, "2026", string(resealed[0].Metadata["encryption-key-id"]))

	_, err = codec.New(keys(t, fresh)).Decode(sealed)
	var missing *codec.KeyError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, "2025", missing.ID)
	require.ErrorContains(t, err, `sealed with key "2025", and the keys here are 2026: add it to CRG_CODEC_KEYS`)
	require.NotContains(t, err.Error(), fresh[len("2026:"):])
}

func TestWhatWasChangedDoesNotOpen(t *testing.T) {
	t.Parallel()
	c := codec.New(keys(t, newKey(t, "a"), newKey(t, "b")))
	sealed, err := c.Encode([]*common.Payload{{Data: []byte("text")}})
	require.NoError(t, err)
	for name, change := range map[string]func(p *common.Payload){
		"bit":       func(p *common.Payload) { p.Data[len(p.Data)-1] ^= 1 },
		"other key": func(p *common.Payload) { p.Metadata["encryption-key-id"] = []byte("b") },
		"cut":       func(p *common.Payload) { p.Data = p.Data[:len(p.Data)-1] },
		"empty":     func(p *common.Payload) { p.Data = nil },
	} {
		damaged := proto.CloneOf(sealed[0])
		change(damaged)
		_, err := c.Decode([]*common.Payload{damaged})
		require.ErrorContains(t, err, "does not open with key", name)
	}
	plain := []*common.Payload{{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte("1")}}
	opened, err := c.Decode(plain)
	require.NoError(t, err)
	require.Equal(t, plain, opened, "from before there was a codec")
}

func TestWrongKeysAreRefusedAndNeverShown(t *testing.T) {
	t.Parallel()
	none, err := codec.ParseKeys(nil)
	require.NoError(t, err)
	require.Nil(t, none)
	good := newKey(t, "a")
	short := "b:" + base64.StdEncoding.EncodeToString(make([]byte, 16))
	for name, texts := range map[string][]string{
		"no id": {"justsomesecret"}, "bad id": {"a b:" + good[2:]}, "short": {short}, "no base64": {"c:???secret"},
		"twice": {good, good}, "empty": {""},
	} {
		_, err := codec.ParseKeys(texts)
		require.ErrorContains(t, err, "codec key", name)
		for _, text := range texts {
			if _, secret, found := strings.Cut(text, ":"); found {
				require.NotContains(t, err.Error(), secret, name)
			}
		}
	}
	_, err = codec.NewKey("not an id")
	require.Error(t, err)
}

// Failures say what went wrong, often with names in it: they are sealed as well.
func TestFailuresAreSealed(t *testing.T) {
	t.Parallel()
	var options client.Options
	codec.Secure(&options, keys(t, newKey(t, "a")))
	failure := options.FailureConverter.ErrorToFailure(temporal.NewApplicationErrorWithCause("the pantry is closed", "Closed", errors.New("because")))
	text := failure.String()
	require.NotContains(t, text, "pantry")
	require.NotContains(t, text, "because")
	require.Equal(t, "Closed", failure.GetApplicationFailureInfo().GetType(), "by its type it is retried or not")
	back := options.FailureConverter.FailureToError(failure)
	require.ErrorContains(t, back, "the pantry is closed")

	payload, err := options.DataConverter.ToPayload(map[string]string{"name": "pantry"})
	require.NoError(t, err)
	require.NotContains(t, payload.String(), "pantry")
	require.Equal(t, "binary/encrypted", string(payload.Metadata[converter.MetadataEncoding]))
}

func BenchmarkSealAndOpen(b *testing.B) {
	c := codec.New(keys(b, newKey(b, "a")))
	payloads := []*common.Payload{{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: bytes.Repeat([]byte("x"), 400)}}
	for b.Loop() {
		sealed, err := c.Encode(payloads)
		if err == nil {
			_, err = c.Decode(sealed)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
