package notices_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/notices"
)

func TestLinks(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	links := notices.Links{BaseURL: "https://crg.example/", Secret: []byte("0123456789abcdef0123456789abcdef")}
	question := notices.Question{City: "testville", Listing: "kerb.1.chair", Request: "q1", Until: now.Add(time.Hour)}
	link := links.Confirm(question)
	token, found := strings.CutPrefix(link, "https://crg.example/confirm/")
	require.True(t, found, link)
	read, err := links.Read(token, now)
	require.NoError(t, err)
	require.Equal(t, question, read)

	_, err = links.Read(token, now.Add(2*time.Hour))
	require.ErrorIs(t, err, notices.ErrLink)
	require.ErrorContains(t, err, "until")
	_, err = notices.Links{Secret: []byte("another secret of thirty-two bytes")}.Read(token, now)
	require.ErrorIs(t, err, notices.ErrLink)
	for _, wrong := range []string{"", ".", token + "x", token[1:], strings.ReplaceAll(token, ".", ""), "a.b"} {
		_, err := links.Read(wrong, now)
		require.ErrorIs(t, err, notices.ErrLink, wrong)
	}
	none := notices.Links{BaseURL: "https://crg.example"}
	require.Equal(t, "https://crg.example/api/v1/resources/kerb.1.chair", none.Confirm(question), "without a secret, no link")
	_, err = none.Read(token, now)
	require.ErrorIs(t, err, notices.ErrLink)
}

// No change of a single character of a link gives another link.
func TestAChangedLinkDoesNotHold(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	links := notices.Links{BaseURL: "https://c", Secret: []byte("0123456789abcdef0123456789abcdef")}
	token := strings.TrimPrefix(links.Confirm(notices.Question{City: "c", Listing: "l", Request: "q", Until: now.Add(time.Hour)}), "https://c/confirm/")
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(token)-1).Draw(t, "at")
		with := rapid.SampledFrom([]byte("ABCxyz019-_.")).Draw(t, "with")
		changed := token[:at] + string(with) + token[at+1:]
		if _, err := links.Read(changed, now); (err == nil) != (changed == token) {
			t.Fatalf("%s: %v", changed, err)
		}
	})
}
