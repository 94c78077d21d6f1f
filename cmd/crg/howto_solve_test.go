package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The page about problems of one's own is run as it stands: its tables are written, its commands run in their order, and what
// they print begins with what the page says.
func TestHowToSolve(t *testing.T) { //nolint:paralleltest // it changes the working folder
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "howto-solve.md"))
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	var printed []string
	for _, block := range regexp.MustCompile("(?ms)^```(\\w+)(?: file=(\\S+))?\n(.*?)^```$").FindAllStringSubmatch(string(page), -1) {
		kind, file, text := block[1], block[2], block[3]
		switch {
		case file != "":
			require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		case kind == "sh":
			printed = nil
			for line := range strings.Lines(text) {
				printed = append(printed, runLine(t, strings.TrimSpace(line))...)
			}
		case kind == "text":
			require.Equal(t, strings.Split(strings.TrimSpace(text), "\n"), printed)
		}
	}
}

// runLine runs a line of a page and returns what crg prints first.
func runLine(t *testing.T, line string) []string {
	t.Helper()
	arguments, isOurs := strings.CutPrefix(line, "crg ")
	if !isOurs {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", line).CombinedOutput()
		require.NoError(t, err, "%s: %s", line, out)
		return nil
	}
	command, out := newRootCommand(), &bytes.Buffer{}
	command.SetArgs(strings.Fields(arguments))
	command.SetOut(out)
	require.NoError(t, command.ExecuteContext(t.Context()), line)
	first, _, _ := strings.Cut(out.String(), "\n")
	return []string{first}
}
