package main

import (
	"bytes"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// Not in parallel with others, which would touch pages meanwhile.
func TestForgetOwnPages(t *testing.T) {
	before := ownPages(t)
	forgetOwnPages()
	require.Less(t, ownPages(t), before)
}

// ownPages is how much of files is in this process's memory, in kB.
func ownPages(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	_, mark, found := bytes.Cut(status, []byte("RssFile:"))
	require.True(t, found)
	kB, err := strconv.Atoi(string(bytes.Fields(mark)[0]))
	require.NoError(t, err)
	return kB
}
