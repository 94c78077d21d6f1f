package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/city-resource-graph/crg/postgres/pgtest"
)

// asProgram makes the test's executable the program itself, which the demo starts again for API and workers.
const asProgram = "CRG_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// The page that shows how to bring a city of one's own ends with its demo: it runs as it stands there, from a folder on
// disk to the report, with API and workers as processes of their own.
func TestDemoOfACityOfOnesOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeHowTo(t, dir)
	program, err := os.Executable()
	require.NoError(t, err)
	demo := exec.CommandContext(t.Context(), program, "demo", "--city", "./mytown", "--data", "./data", "--report", "out")
	demo.Dir = dir
	demo.Env = append(os.Environ(), asProgram+"=1", "DATABASE_URL="+pgtest.URL(t), "TEMPORAL_NAMESPACE="+ownNamespace(t), "CRG_BLOBS=file://"+t.TempDir())
	said, err := demo.CombinedOutput()
	require.NoError(t, err, "%s", said)

	text, err := os.ReadFile(filepath.Join(dir, "out", "report.json"))
	require.NoError(t, err)
	var report struct {
		City    struct{ Name string }
		Import  struct{ Read, Accepted, Unchanged, Rejected int }
		Matches struct{ Proposed int }
	}
	require.NoError(t, json.Unmarshal(text, &report))
	require.Equal(t, "Mytown", report.City.Name)
	require.Equal(t, 9, report.Import.Read)
	require.Equal(t, 5, report.Import.Rejected)
	require.Equal(t, 1, report.Matches.Proposed)
}

// writeHowTo writes the folders of docs/howto-import.md, with the policy and scoring that it says to copy.
func writeHowTo(t *testing.T, dir string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "howto-import.md"))
	require.NoError(t, err)
	files := map[string]string{}
	for _, m := range regexp.MustCompile("(?ms)^```[a-z]+ file=([^\n]+)\n(.*?)^```$").FindAllStringSubmatch(string(page), -1) {
		files[m[1]] = m[2]
	}
	for _, name := range []string{"policy.yaml", "scoring.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "cities", "generated", name))
		require.NoError(t, err)
		files["mytown/"+name] = string(text)
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
}

// ownNamespace is a namespace in which nobody else's workers take tasks: the demo's queues have the names that all
// installations give them.
func ownNamespace(t *testing.T) string {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: os.Getenv("TEMPORAL_ADDRESS")})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	namespace := "demo-" + strings.ToLower(rand.Text()[:10])
	_, err = c.WorkflowService().RegisterNamespace(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, _ = c.OperatorService().DeleteNamespace(context.WithoutCancel(t.Context()), &operatorservice.DeleteNamespaceRequest{Namespace: namespace})
	})
	require.Eventually(t, func() bool {
		_, err := c.OperatorService().ListSearchAttributes(t.Context(), &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
		return err == nil
	}, time.Minute, 200*time.Millisecond)
	return namespace
}
