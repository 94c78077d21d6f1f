package house_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	linkOf    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headingOf = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	unlinked  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// Every link from a page of the documentation leads to a file that is there, and to a heading that it has.
func TestDocumentationLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	pages := 0
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if name := filepath.Base(path); err == nil && (name == "node_modules" || name == "venv" || name == "out" || strings.HasPrefix(name, ".") && path != "..") {
				return fs.SkipDir
			}
			return err
		}
		if filepath.Ext(path) == ".md" {
			pages++
			checkLinks(t, path)
		}
		return nil
	}))
	require.Greater(t, pages, 50)
}

func checkLinks(t *testing.T, page string) {
	t.Helper()
	content, err := os.ReadFile(page)
	require.NoError(t, err)
	for _, link := range linkOf.FindAllStringSubmatch(string(content), -1) {
		if strings.Contains(link[1], "://") {
			continue
		}
		file, heading, _ := strings.Cut(link[1], "#")
		target := page
		if file != "" {
			target = filepath.Join(filepath.Dir(page), file)
		}
		there, err := os.ReadFile(target)
		if info, statErr := os.Stat(target); statErr == nil && info.IsDir() {
			continue
		}
		require.NoError(t, err, "%s links to %s", page, link[1])
		if heading != "" {
			require.Contains(t, headings(string(there)), heading, "%s links to %s", page, link[1])
		}
	}
}

// headings are the anchors of a page, as GitHub makes them.
func headings(page string) []string {
	var anchors []string
	for _, heading := range headingOf.FindAllStringSubmatch(page, -1) {
		anchors = append(anchors, strings.ReplaceAll(unlinked.ReplaceAllString(strings.ToLower(heading[1]), ""), " ", "-"))
	}
	return anchors
}
