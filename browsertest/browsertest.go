// Package browsertest opens pages in a headless Chromium, as a user would. A test on a machine without one fails and names
// the command that installs it; it is never skipped.
package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// patience bounds each step that waits for a page; it costs nothing when all is well.
const patience = 2 * time.Minute

// Page is one page of a browser of its own, without history, cookies or cache.
type Page struct {
	t   testing.TB
	ctx context.Context //nolint:containedctx // the browser is one, to chromedp

	mutex    sync.Mutex
	requests []string
}

// Open starts a browser that ends with the test.
func Open(t testing.TB) *Page {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.WindowSize(1400, 1000), chromedp.WSURLReadTimeout(patience),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-component-update", true))
	ctx, stopBrowser := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stopBrowser)
	ctx, stopPage := chromedp.NewContext(ctx)
	t.Cleanup(stopPage)
	p := &Page{t: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		if sent, ok := event.(*network.EventRequestWillBeSent); ok {
			p.mutex.Lock()
			defer p.mutex.Unlock()
			p.requests = append(p.requests, sent.Request.URL)
		}
	}), "start Chromium")
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	return p
}

func chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	require.Fail(t, "no Chromium on this machine: make setup-test, or sudo apt-get install -y chromium")
	return ""
}

// Visit opens an address and waits until the page is loaded.
func (p *Page) Visit(address string) {
	p.t.Helper()
	look(p, "visit "+address, chromedp.Navigate(address))
}

// Remember puts values into the storage that pages of the open page's origin keep for the next visit.
func (p *Page) Remember(values map[string]string) {
	p.t.Helper()
	for key, value := range values {
		look(p, "remember "+key, chromedp.Evaluate[bool](fmt.Sprintf(`localStorage.setItem(%q, %q) === undefined`, key, value)))
	}
}

// Requests are the addresses that the page asked for so far, its own among them.
func (p *Page) Requests() []string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return append([]string(nil), p.requests...)
}

// See waits until the page shows every one of these texts.
func (p *Page) See(texts ...string) {
	p.t.Helper()
	for _, want := range texts {
		await(p, "see "+want, bodyText, func(text string) bool { return strings.Contains(text, want) })
	}
}

// bodyText is also asked of a page that is just being replaced by the next one, and has no body yet.
const bodyText = `document.body ? document.body.innerText : ''`

// Text is what the page shows.
func (p *Page) Text() string {
	p.t.Helper()
	return look(p, "read the page", chromedp.Evaluate[string](bodyText))
}

// Markup is the HTML of the elements that a CSS selector finds, for whoever writes a test.
func (p *Page) Markup(selector string) string {
	p.t.Helper()
	return look(p, "read the markup", chromedp.Evaluate[string](fmt.Sprintf(
		`Array.from(document.querySelectorAll(%q)).map(e => e.cloneNode(false).outerHTML + e.innerText).join("\n")`, selector)))
}

// Click clicks with the mouse on the first element that a CSS selector finds, once it is to be seen.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.click(selector, fmt.Sprintf(`Array.from(document.querySelectorAll(%q)).find(e => e.getClientRects().length)`, selector))
}

// ClickText clicks on the innermost of those elements that shows just this text.
func (p *Page) ClickText(selector, text string) {
	p.t.Helper()
	p.click(text, fmt.Sprintf(`Array.from(document.querySelectorAll(%q)).filter(e => e.innerText.trim() === %q).pop()`, selector, text))
}

// Type types a text, key by key, into the element that a CSS selector finds.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.Click(selector)
	look(p, "type "+text, chromedp.KeyEvent(text))
}

// click finds the middle of an element, when it has an extent and nothing lies over it. What moves while the page is still
// being built is not clicked: the mouse would come to where it was.
func (p *Page) click(what, element string) {
	p.t.Helper()
	var before []float64
	at := await(p, "find "+what, `(() => {
		const e = `+element+`
		if (!e) return []
		e.scrollIntoView({block: 'nearest'})
		const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2
		return r.width && e.contains(document.elementFromPoint(x, y)) ? [x, y] : []
	})()`, func(at []float64) bool {
		rests := len(at) == 2 && slices.Equal(at, before)
		before = at
		return rests
	})
	look(p, "click "+what, chromedp.MouseClickXY(at[0], at[1]))
}

// phone is the width of a small one, in CSS pixels.
const phone = 360

// FitsAPhone turns the window into a phone's and refuses a page that is wider: it would move sideways as a whole. Long code may
// scroll in a frame of its own; a picture or a table may not, for half of it says nothing, and a picture's words lie within it and can be read.
func (p *Page) FitsAPhone() {
	p.t.Helper()
	look(p, "become a phone", chromedp.EmulateViewport(phone, 844, chromedp.EmulateMobile))
	wide := look(p, "measure the page", chromedp.Evaluate[[]string](fmt.Sprintf(`(() => {
		const scrolls = e => e && (getComputedStyle(e).overflowX !== 'visible' || scrolls(e.parentElement))
		return [...document.body.querySelectorAll('*')]
			.filter(e => e.checkVisibility() && e.getBoundingClientRect().right > %d && (e.matches('svg, table, td') || !scrolls(e.parentElement)))
			.slice(0, 3).map(e => e.outerHTML.slice(0, 120))
	})()`, phone+1)))
	require.Empty(p.t, wide, "wider than a phone")
	cut := look(p, "measure the words of pictures", chromedp.Evaluate[[]string](`[...document.querySelectorAll('svg text')]
		.filter(e => {
			const word = e.getBoundingClientRect(), picture = e.closest('svg').getBoundingClientRect()
			return e.checkVisibility() && (word.left < picture.left - 1 || word.right > picture.right + 1 || word.height < 10)
		}).map(e => e.textContent)`))
	require.Empty(p.t, cut, "words that are too small, or reach beyond their picture")
}

// Picture keeps what the page looks like with the test's artefacts (go test -artifacts).
func (p *Page) Picture(name string) {
	p.t.Helper()
	p.keep(name, look(p, "take a picture", chromedp.FullScreenshot(100)))
}

func (p *Page) keep(name string, png []byte) {
	p.t.Helper()
	require.NoError(p.t, os.WriteFile(filepath.Join(p.t.ArtifactDir(), name+".png"), png, 0o600))
}

// look does one step.
func look[T any](p *Page, what string, step chromedp.Action[T]) T {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	got, err := chromedp.Run(ctx, step)
	if err != nil {
		p.fail(what, err)
	}
	return got
}

// await evaluates an expression until its value is enough. A page that goes away meanwhile, as one does after a click, takes the
// evaluation with it; the next page is asked again.
func await[T any](p *Page, what, expression string, enough func(T) bool) T {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	pause := time.NewTicker(100 * time.Millisecond)
	defer pause.Stop()
	for {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
		if err == nil && enough(got) {
			return got
		}
		select {
		case <-ctx.Done():
			p.fail(what, errors.Join(err, ctx.Err()))
		case <-pause.C:
		}
	}
}

// fail ends the test; a picture of the page where it failed is kept.
func (p *Page) fail(what string, err error) {
	p.t.Helper()
	still, stop := context.WithTimeout(p.ctx, 10*time.Second)
	defer stop()
	if png, failed := chromedp.Run(still, chromedp.FullScreenshot(100)); failed == nil {
		p.keep("failed", png)
	}
	require.NoError(p.t, err, "%s", what)
}
